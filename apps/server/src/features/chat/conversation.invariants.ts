import {
  differ,
  everyRecord,
  type Invariant,
  missing,
  named,
  numbered,
  offWhere,
} from "../../platform/invariant";
import { recountUnread } from "./unread.service";

/** What a conversation says of its messages, and what there is. */
const NUMBERS = [
  numbered("all", { from: "messages", by: "conversationId" }),
  named("newest", "messages", "lastMessageId"),
  {
    $set: {
      all: { $ifNull: [{ $first: "$all" }, { count: 0, first: 1, last: 0 }] },
      newest: { $ifNull: [{ $first: "$newest" }, { conversationId: "$_id", number: 0 }] },
    },
  },
];

const each = (condition: object) => ({
  $anyElementTrue: { $map: { input: "$members", as: "member", in: condition } },
});

const beyondLast = (field: string) => each({ $gt: [`$$member.${field}`, "$lastNumber"] });

const OWNERS = {
  $size: { $filter: { input: "$members", as: "member", cond: { $eq: ["$$member.role", "owner"] } } },
};

const PAIR = {
  $reduce: {
    input: "$members.userId",
    initialValue: "",
    in: {
      $concat: ["$$value", { $cond: [{ $eq: ["$$value", ""] }, "", ":"] }, { $toString: "$$this" }],
    },
  },
};

/** Members with how many messages of others, not deleted, come after what they have read. */
const UNREAD = [
  { $unwind: "$members" },
  {
    $lookup: {
      from: "messages",
      localField: "_id",
      foreignField: "conversationId",
      let: {
        userId: "$members.userId",
        read: { $max: ["$members.readNumber", "$members.clearedNumber"] },
      },
      pipeline: [
        {
          $match: {
            deletedAt: null,
            $expr: {
              $and: [
                { $gt: ["$number", "$$read"] },
                { $ne: ["$senderId", "$$userId"] },
                { $not: { $in: ["$$userId", "$hiddenFor"] } },
              ],
            },
          },
        },
        { $count: "count" },
      ],
      as: "unread",
    },
  },
  { $set: { counted: { $ifNull: [{ $first: "$unread.count" }, 0] } } },
  { $match: { $expr: differ("$members.unread", "$counted") } },
  {
    $group: {
      _id: "$_id",
      members: { $push: { userId: "$members.userId", unread: "$members.unread", counted: "$counted" } },
    },
  },
];

export const conversationInvariants: Invariant[] = [
  everyRecord({
    name: "the messages of a conversation have numbers without gaps, up to its last",
    of: "conversations",
    off: [
      ...NUMBERS,
      ...offWhere(
        [
          differ("$all.count", "$lastNumber"),
          differ("$all.first", 1),
          differ("$all.last", "$lastNumber"),
          differ("$newest.number", "$lastNumber"),
          differ("$newest.conversationId", "$_id"),
        ],
        { lastNumber: 1, lastMessageId: 1, all: { count: 1, first: 1, last: 1 } },
      ),
    ],
  }),
  everyRecord({
    name: "nobody has read, received or cleared what has not been written",
    of: "conversations",
    off: offWhere(["readNumber", "deliveredNumber", "clearedNumber"].map(beyondLast), {
      lastNumber: 1,
      members: { userId: 1, readNumber: 1, deliveredNumber: 1, clearedNumber: 1 },
    }),
  }),
  everyRecord({
    name: "members have as many unread messages as is counted",
    of: "conversations",
    off: UNREAD,
    repair: recountUnread,
  }),
  everyRecord({
    // Whom somebody wrote to may be gone; what was said to them stays for who said it.
    name: "two people share one conversation; a group has one owner, and nobody is in it twice",
    of: "conversations",
    off: offWhere(
      [
        differ({ $size: { $setUnion: ["$members.userId"] } }, { $size: "$members" }),
        { $and: [{ $eq: ["$kind", "direct"] }, differ("$pairKey", PAIR)] },
        {
          $and: [{ $eq: ["$kind", "group"] }, { $ne: ["$members", []] }, differ(OWNERS, 1)],
        },
      ],
      { kind: 1, pairKey: 1, members: { userId: 1, role: 1 } },
    ),
  }),
  everyRecord({
    // Who sent what is deleted may be gone.
    name: "messages are somebody's, in a conversation, and answer one of the same",
    of: "messages",
    off: [
      named("conversation", "conversations", "conversationId"),
      named("sender", "users", "senderId"),
      named("answered", "messages", "replyTo"),
      ...offWhere(
        [
          missing("conversation"),
          { $and: [{ $eq: ["$deletedAt", null] }, missing("sender")] },
          { $and: [{ $ne: ["$replyTo", null] }, differ("$answered.conversationId", ["$conversationId"])] },
        ],
        { conversationId: 1, senderId: 1, replyTo: 1 },
      ),
    ],
  }),
];
