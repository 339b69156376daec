// The least that storing a tweet is: one transaction with the tweet, its place on the timeline, the author's counter
// and the jobs of whoever reacts.

import { idOf } from "../crowd/crowd";
import { client, collections, ObjectId, serveBare } from "./bare";

const { posts, entries, users } = collections;
const jobs = client.db().collection("jobs");
/** How many react to a tweet in the product. */
const REACTIONS = Number(process.argv[3]);
/** Nobody does these jobs: they are for later, and on a lane that nobody looks at. */
const LATER = new Date(Date.UTC(2100, 0));

let made = 0;

serveBare(async (authorId, body) => {
  const { content }: { content: string } = JSON.parse(body);
  const createdAt = new Date();
  const author = new ObjectId(authorId);
  const tweet = {
    _id: idOf(createdAt.getTime(), made++),
    kind: "tweet" as const,
    authorId: author,
    content,
    entities: [],
    terms: [...new Set(content.toLowerCase().match(/\w+/g)), `from:${authorId}`],
    counts: { likes: 0, retweets: 0, replies: 0 },
    version: 0,
    createdAt,
    editedAt: null,
    deletedAt: null,
    removedAt: null,
  };
  const { _id } = tweet;
  const reactions = Array.from({ length: REACTIONS }, () => ({
    name: "floor",
    lane: "floor",
    payload: { postId: String(_id) },
    runAt: LATER,
  }));
  await client.withSession((session) =>
    session.withTransaction(
      async () => {
        await posts.insertOne(tweet, { session });
        await entries.insertOne({ _id, actorId: author, tweetId: _id, kind: "tweet" }, { session });
        await users.updateOne({ _id: author }, { $inc: { "counts.tweets": 1 } }, { session });
        await jobs.insertMany(reactions, { session });
      },
      { readConcern: { level: "snapshot" }, writeConcern: { w: "majority" } },
    ),
  );
  const { terms: _terms, _id: _, authorId: __, ...shown } = tweet;
  return JSON.stringify({ result: { data: { id: String(_id), ...shown } } });
});
