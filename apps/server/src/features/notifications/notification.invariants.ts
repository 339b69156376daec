import { everyRecord, type Invariant, missing, named, offWhere } from "../../platform/invariant";

const of = (field: string) => ({ $ifNull: [{ $first: field }, null] });

/** Whether what is told of is not there, or deleted for good: what a moderator took down may come back. */
const isPostGone = {
  $and: [
    { $ne: ["$postId", null] },
    {
      $or: [
        missing("post"),
        { $and: [{ $ne: [of("$post.deletedAt"), null] }, { $eq: [of("$post.removedAt"), null] }] },
      ],
    },
  ],
};

export const notificationInvariants: Invariant[] = [
  everyRecord({
    // What was taken back stays, and may have lost whoever and whatever it was about; what was read may have lost its place.
    name: "people are told of what is there and others did, and are there themselves",
    of: "notifications",
    where: { goneAt: null },
    off: [
      named("recipient", "users", "recipientId"),
      named("actor", "users", "actorId"),
      // A comment stays when the tweet above it is deleted.
      { $set: { postId: { $ifNull: ["$commentId", "$tweetId"] } } },
      named("post", "posts", "postId"),
      named("conversation", "conversations", "conversationId"),
      ...offWhere(
        [
          missing("recipient"),
          missing("actor"),
          { $eq: ["$recipientId", "$actorId"] },
          isPostGone,
          {
            $and: [{ $ne: ["$conversationId", null] }, { $eq: ["$readAt", null] }, missing("conversation")],
          },
        ],
        { recipientId: 1, actorId: 1, type: 1, key: 1 },
      ),
    ],
  }),
];
