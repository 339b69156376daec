import { everyRecord, type Invariant, missing, named, offWhere } from "../../platform/invariant";

/** Whether a field says what is told of, and that is not there, or deleted. */
const gone = (field: string, as: string) => ({
  $and: [
    { $ne: [`$${field}`, null] },
    { $or: [missing(as), { $ne: [{ $ifNull: [{ $first: `$${as}.deletedAt` }, null] }, null] }] },
  ],
});

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
          gone("postId", "post"),
          {
            $and: [{ $ne: ["$conversationId", null] }, { $eq: ["$readAt", null] }, missing("conversation")],
          },
        ],
        { recipientId: 1, actorId: 1, type: 1, key: 1 },
      ),
    ],
  }),
];
