// Floor B: a page of home with all that viewers share in memory, and the viewer's own two reads from the database.
import type { EntryRecord } from "../../src/features/posts/entry.model";
import type { ObjectId } from "../../src/platform/id";
import { Binary, client, collections, ObjectId as Id, serveBare } from "./bare";
import { byId, LIMIT, pageOf } from "./home-page";

/** So many of the newest are in an inbox. */
const KEPT = 400;

/** An entry of somebody's home under their id and its own, so that a page is one range. */
interface InboxEntry extends Omit<EntryRecord, "_id"> {
  _id: InstanceType<typeof Binary>;
}

const { edges, entries, posts, users, likes } = collections;
const inbox = client.db().collection<InboxEntry>("floorInbox");
/** Who reads, in the order of the arguments. */
const readerIds = (process.argv[3] ?? "").split(",").map((id) => new Id(id));

const following = new Map<string, Set<string>>();
const followedBy = new Map<string, Set<string>>();
const retweets = new Map<string, Set<string>>();

const keyOf = (readerId: ObjectId, entryId: Uint8Array) => new Binary(Buffer.concat([readerId.id, entryId]));
const LOWEST = Buffer.alloc(12);
const HIGHEST = Buffer.alloc(12, 0xff);

await inbox.deleteMany({});
for (const readerId of readerIds) {
  const follows = await edges.find({ fromId: readerId, kind: "follow" }).toArray();
  const followers = await edges.find({ toId: readerId, kind: "follow" }).toArray();
  following.set(String(readerId), new Set(follows.map((edge) => String(edge.toId))));
  followedBy.set(String(readerId), new Set(followers.map((edge) => String(edge.fromId))));
  const actorIds = [readerId, ...follows.map((edge) => edge.toId)];
  const newest = await entries
    .find({ actorId: { $in: actorIds } })
    .sort({ _id: -1 })
    .limit(KEPT)
    .toArray();
  await inbox.insertMany(newest.map(({ _id, ...entry }) => ({ _id: keyOf(readerId, _id.id), ...entry })));
  const own = await entries.find({ actorId: readerId, kind: "retweet" }).toArray();
  retweets.set(String(readerId), new Set(own.map((entry) => String(entry.tweetId))));
}
// All that any of their pages shows: whoever holds a cache holds what is read.
const tweetIds = await inbox.distinct("tweetId");
const tweets = byId(await posts.find({ _id: { $in: tweetIds } }).toArray());
const people = byId(await users.find().toArray());

const NONE = new Set<string>();

serveBare(async (viewerId) => {
  const me = new Id(viewerId);
  const page = await inbox
    .find(
      { _id: { $gte: keyOf(me, LOWEST), $lte: keyOf(me, HIGHEST) } },
      { sort: { _id: -1 }, limit: LIMIT + 1 },
    )
    .toArray();
  const postId = { $in: page.map((entry) => entry.tweetId) };
  const liked = await likes.find({ userId: me, postId }, { projection: { _id: 0, postId: 1 } }).toArray();
  return pageOf({
    entries: page,
    tweets,
    users: people,
    following: following.get(viewerId) ?? NONE,
    followedBy: followedBy.get(viewerId) ?? NONE,
    liked: new Set(liked.map((like) => String(like.postId))),
    retweeted: retweets.get(viewerId) ?? NONE,
  });
});
