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
import { EdgeModel } from "./edge.model";

/** A follow, in either direction, between the two whom a block stands between. */
const followsAcross = (from: "$fromId" | "$toId", to: "$fromId" | "$toId", as: string) => ({
  $lookup: {
    from: "edges",
    let: { from, to },
    pipeline: [
      {
        $match: {
          $expr: {
            $and: [{ $eq: ["$fromId", "$$from"] }, { $eq: ["$kind", "follow"] }, { $eq: ["$toId", "$$to"] }],
          },
        },
      },
    ],
    as,
  },
});

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
    name: "nobody follows somebody across a block",
    of: "edges",
    where: { kind: "block" },
    off: [
      followsAcross("$fromId", "$toId", "mine"),
      followsAcross("$toId", "$fromId", "theirs"),
      ...offWhere([{ $ne: [{ $concatArrays: ["$mine", "$theirs"] }, []] }], {
        fromId: 1,
        toId: 1,
        follows: { $concatArrays: ["$mine._id", "$theirs._id"] },
      }),
    ],
  }),
  everyRecord({
    // Whom somebody blocked or muted may be gone: it says nothing any more, and does no harm.
    name: "follows are between people who are there, and who blocks or mutes is there",
    of: "edges",
    off: [
      named("from", "users", "fromId"),
      named("to", "users", "toId"),
      ...offWhere([missing("from"), { $and: [{ $eq: ["$kind", "follow"] }, missing("to")] }], {
        kind: 1,
        fromId: 1,
        toId: 1,
      }),
    ],
  }),
];
