import {
  counted,
  differ,
  everyRecord,
  type Invariant,
  missing,
  named,
  offWhere,
} from "../../platform/invariant";
import { recountPost, recountTweets, replaceInThread } from "./recount.service";

const LIVE = { deletedAt: null };
/** Likes and retweets of what a moderator took down wait for an undo. */
const LASTING = { $or: [LIVE, { removedAt: { $ne: null } }] };
/** Whether a post is deleted for good. */
const forGood = {
  $and: [
    differ("$post.deletedAt", [null]),
    { $eq: [{ $ifNull: [{ $first: "$post.removedAt" }, null] }, null] },
  ],
};
/** Answers that stand, by the index that holds only those with a place. */
const ANSWERS = { from: "posts", by: "answeredId", where: { gone: false, ...LIVE } };
const PLACES = { from: "posts", by: "answeredId", where: { gone: false } };
const RETWEETS = { from: "entries", by: "tweetId", where: { kind: "retweet" } };

export const postInvariants: Invariant[] = [
  everyRecord({
    name: "users have as many tweets as is counted",
    of: "users",
    off: [
      ...counted("tweets", { from: "posts", by: "authorId", where: { kind: "tweet", ...LIVE } }),
      ...offWhere([differ("$counts.tweets", "$tweets")], { counts: { tweets: 1 }, counted: "$tweets" }),
    ],
    repair: recountTweets,
  }),
  // Before the answers are counted: those without a place do not count.
  everyRecord({
    name: "a comment has a place in its thread unless it is deleted and nothing stands under it",
    of: "posts",
    where: { kind: "comment" },
    off: [
      ...counted("places", PLACES),
      ...offWhere(
        [
          differ("$standing", "$places"),
          differ("$gone", { $and: [{ $ne: ["$deletedAt", null] }, { $eq: ["$places", 0] }] }),
        ],
        { standing: 1, gone: 1, deletedAt: 1, counted: "$places" },
      ),
    ],
    repair: replaceInThread,
  }),
  everyRecord({
    name: "tweets and comments have as many likes and retweets as is counted",
    of: "posts",
    // What is deleted is not counted any more.
    where: LASTING,
    off: [
      ...counted("likes", { from: "likes", by: "postId" }),
      ...counted("retweets", RETWEETS),
      ...offWhere([differ("$counts.likes", "$likes"), differ("$counts.retweets", "$retweets")], {
        counts: { likes: 1, retweets: 1 },
        counted: { likes: "$likes", retweets: "$retweets" },
      }),
    ],
    repair: recountPost,
  }),
  everyRecord({
    name: "tweets and comments have as many answers as is counted",
    of: "posts",
    off: [
      ...counted("replies", ANSWERS),
      ...offWhere([differ("$counts.replies", "$replies")], { counts: { replies: 1 }, counted: "$replies" }),
    ],
    repair: recountPost,
  }),
  everyRecord({
    // Deleted posts stay, so what answers them has always something that it answers; who wrote them may be gone.
    name: "comments answer something that was written under their tweet, and have an author",
    of: "posts",
    where: { kind: "comment" },
    off: [
      named("author", "users", "authorId"),
      named("tweet", "posts", "tweetId"),
      named("parent", "posts", "parentId"),
      named("answered", "posts", "answeredId"),
      ...offWhere(
        [
          { $and: [{ $eq: ["$deletedAt", null] }, missing("author")] },
          { $not: { $in: ["tweet", "$tweet.kind"] } },
          differ("$answeredId", { $ifNull: ["$parentId", "$tweetId"] }),
          { $and: [{ $eq: ["$gone", false] }, differ("$answered.authorId", ["$answeredAuthorId"])] },
          {
            $and: [
              { $eq: ["$deletedAt", null] },
              differ("$own", { $eq: ["$authorId", "$answeredAuthorId"] }),
            ],
          },
          differ("$parentId", { $ifNull: [{ $last: "$ancestorIds" }, null] }),
          { $and: [{ $ne: ["$parentId", null] }, differ("$parent.tweetId", ["$tweetId"])] },
        ],
        { authorId: 1, tweetId: 1, parentId: 1, answeredId: 1 },
      ),
    ],
  }),
  everyRecord({
    name: "tweets have an author, and are on their timeline until they are deleted",
    of: "posts",
    where: { kind: "tweet" },
    off: [
      named("author", "users", "authorId"),
      named("entry", "entries", "_id"),
      ...offWhere(
        [
          { $and: [{ $eq: ["$deletedAt", null] }, missing("author")] },
          differ({ $eq: ["$deletedAt", null] }, { $not: missing("entry") }),
          { $and: [{ $not: missing("entry") }, differ("$entry.actorId", ["$authorId"])] },
        ],
        { authorId: 1, deletedAt: 1, entry: "$entry.actorId" },
      ),
    ],
  }),
  everyRecord({
    name: "what is on a timeline is a tweet, of somebody who is there",
    of: "entries",
    off: [
      named("actor", "users", "actorId"),
      named("post", "posts", "tweetId"),
      ...offWhere(
        [
          missing("actor"),
          differ("$post.kind", ["tweet"]),
          forGood,
          { $and: [{ $eq: ["$kind", "tweet"] }, differ("$_id", "$tweetId")] },
        ],
        { kind: 1, actorId: 1, tweetId: 1 },
      ),
    ],
  }),
  everyRecord({
    name: "likes are of what is not deleted, by somebody who is there",
    of: "likes",
    off: [
      named("user", "users", "userId"),
      named("post", "posts", "postId"),
      ...offWhere([missing("user"), differ("$post.kind", ["$kind"]), forGood], {
        userId: 1,
        postId: 1,
      }),
    ],
  }),
  everyRecord({
    name: "of a post that was edited, each former text is kept",
    of: "posts",
    where: { version: { $gt: 0 } },
    off: [
      ...counted("kept", { from: "postVersions", by: "postId" }),
      ...offWhere([differ("$version", "$kept")], { version: 1, kept: 1 }),
    ],
  }),
  everyRecord({
    name: "former texts are older than the text of their post",
    of: "postVersions",
    off: [
      named("post", "posts", "postId"),
      ...offWhere(
        [missing("post"), { $lt: ["$version", 0] }, { $gte: ["$version", { $first: "$post.version" }] }],
        { postId: 1, version: 1 },
      ),
    ],
  }),
];
