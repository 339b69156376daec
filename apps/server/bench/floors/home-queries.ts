// Floor A: a page of home by queries of the bare driver, each as cheap as can be, and nothing kept in between.
import { collections, ObjectId, serveBare } from "./bare";
import { byId, CARD, LIMIT, pageOf } from "./home-page";

const { edges, entries, posts, users, likes } = collections;

serveBare(async (viewerId) => {
  const me = new ObjectId(viewerId);
  const followees = await edges
    .find({ fromId: me, kind: "follow" }, { projection: { _id: 0, toId: 1 } })
    .toArray();
  const actorIds = [me, ...followees.map((edge) => edge.toId)];
  const page = await entries
    .find({ actorId: { $in: actorIds } }, { sort: { _id: -1 }, limit: LIMIT + 1 })
    .toArray();
  const tweetIds = page.map((entry) => entry.tweetId);
  const [tweets, liked, retweeted] = await Promise.all([
    posts.find({ _id: { $in: tweetIds } }, { projection: { terms: 0 } }).toArray(),
    likes.find({ userId: me, postId: { $in: tweetIds } }, { projection: { _id: 0, postId: 1 } }).toArray(),
    entries
      .find(
        { tweetId: { $in: tweetIds }, actorId: me, kind: "retweet" },
        { projection: { _id: 0, tweetId: 1 } },
      )
      .toArray(),
  ]);
  const people = [...page.map((entry) => entry.actorId), ...tweets.map((tweet) => tweet.authorId)];
  const [authors, followers] = await Promise.all([
    users.find({ _id: { $in: people } }, { projection: CARD }).toArray(),
    edges
      .find({ fromId: { $in: people }, kind: "follow", toId: me }, { projection: { _id: 0, fromId: 1 } })
      .toArray(),
  ]);
  return pageOf({
    entries: page,
    tweets: byId(tweets),
    users: byId(authors),
    following: new Set(followees.map((edge) => String(edge.toId))),
    followedBy: new Set(followers.map((edge) => String(edge.fromId))),
    liked: new Set(liked.map((like) => String(like.postId))),
    retweeted: new Set(retweeted.map((entry) => String(entry.tweetId))),
  });
});
