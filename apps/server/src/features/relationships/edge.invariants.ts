import {
  counted,
  differ,
  everyRecord,
  type Invariant,
  missing,
  named,
  offWhere,
} from "../../platform/invariant";
import { transaction } from "../../platform/mongo";
import { setUserCounts } from "../users/user.service";
import { type EdgeKind, EdgeModel } from "./edge.model";

type End = "$fromId" | "$toId";

/** Sets `as` to the edges of these kinds from one end of an edge to the other; for `missing`. */
const between = (as: string, kinds: EdgeKind[], [from, to]: [End, End]) => ({
  $lookup: {
    from: "edges",
    let: { from, to },
    pipeline: [
      {
        $match: {
          kind: { $in: kinds },
          $expr: { $and: [{ $eq: ["$fromId", "$$from"] }, { $eq: ["$toId", "$$to"] }] },
        },
      },
    ],
    as,
  },
});

const BONDS: EdgeKind[] = ["follow", "request"];

export const edgeInvariants: Invariant[] = [
  everyRecord({
    name: "users have as many followers, and follow as many, as is counted",
    of: "users",
    off: [
      ...counted("followers", { from: "edges", by: "toId", where: { kind: "follow" } }),
      ...counted("following", { from: "edges", by: "fromId", where: { kind: "follow" } }),
      ...offWhere([differ("$counts.followers", "$followers"), differ("$counts.following", "$following")], {
        counts: { followers: 1, following: 1 },
        counted: { followers: "$followers", following: "$following" },
      }),
    ],
    repair: (id) =>
      transaction(async () => {
        const followers = await EdgeModel.countDocuments({ toId: id, kind: "follow" });
        const following = await EdgeModel.countDocuments({ fromId: id, kind: "follow" });
        await setUserCounts(id, { followers, following });
      }),
  }),
  everyRecord({
    name: "nobody follows, blocks or mutes themselves",
    of: "edges",
    off: offWhere([{ $eq: ["$fromId", "$toId"] }], { kind: 1, fromId: 1 }),
  }),
  everyRecord({
    name: "nobody follows somebody across a block, or asks to",
    of: "edges",
    where: { kind: "block" },
    off: [
      between("mine", BONDS, ["$fromId", "$toId"]),
      between("theirs", BONDS, ["$toId", "$fromId"]),
      ...offWhere([{ $ne: [{ $concatArrays: ["$mine", "$theirs"] }, []] }], {
        fromId: 1,
        toId: 1,
        bonds: { $concatArrays: ["$mine._id", "$theirs._id"] },
      }),
    ],
  }),
  everyRecord({
    name: "who waits to follow somebody does not yet, and that one is protected",
    of: "edges",
    where: { kind: "request" },
    off: [
      named("to", "users", "toId"),
      between("follows", ["follow"], ["$fromId", "$toId"]),
      ...offWhere([{ $not: missing("follows") }, differ("$to.protected", [true])], { fromId: 1, toId: 1 }),
    ],
  }),
  everyRecord({
    name: "edges are between people who are there",
    of: "edges",
    off: [
      named("from", "users", "fromId"),
      named("to", "users", "toId"),
      ...offWhere([missing("from"), missing("to")], { kind: 1, fromId: 1, toId: 1 }),
    ],
  }),
];
