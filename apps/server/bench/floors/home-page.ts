import type { EntryRecord } from "../../src/features/posts/entry.model";
import type { TweetRecord } from "../../src/features/posts/post.model";
import type { UserRecord } from "../../src/features/users/user.model";
import type { ObjectId } from "../../src/platform/id";
import type { Stored } from "../../src/platform/mongo";

/** What a page of home is made of. */
export interface Home {
  /** One more than is shown, if there are more. */
  entries: Omit<EntryRecord, "_id">[];
  tweets: Map<string, TweetRecord>;
  users: Map<string, UserRecord>;
  /** Whom the viewer follows, and who follows them. */
  following: Set<string>;
  followedBy: Set<string>;
  liked: Set<string>;
  retweeted: Set<string>;
}

export const LIMIT = 20;

/** The fields of a user that a page shows. */
export const CARD = { username: 1, displayName: 1, avatarUrl: 1, protected: 1 };

/** A page of home as Warble answers it, for a viewer who mutes nobody and whom nobody blocks. */
export function pageOf(home: Home): string {
  const items = home.entries.slice(0, LIMIT).map((entry) => itemOf(home, entry));
  const last = home.entries.length > LIMIT ? home.entries[LIMIT - 1] : undefined;
  const nextCursor = last ? Buffer.from(JSON.stringify({ id: last.tweetId })).toString("base64url") : null;
  return JSON.stringify({ result: { data: { items, nextCursor } } });
}

function itemOf(home: Home, { actorId, tweetId, kind }: Home["entries"][number]) {
  const id = String(tweetId);
  const tweet = home.tweets.get(id);
  if (!tweet) throw new Error(`there is no tweet ${id}`);
  const { likes, retweets, replies } = tweet.counts;
  return {
    tweet: {
      id,
      author: cardOf(home, tweet.authorId),
      content: tweet.content,
      entities: tweet.entities,
      createdAt: tweet.createdAt.toISOString(),
      editedAt: null,
      flags: [],
      counts: { likes, retweets, comments: replies },
      viewer: { liked: home.liked.has(id), retweeted: home.retweeted.has(id) },
    },
    retweetedBy: kind === "retweet" ? cardOf(home, actorId) : null,
    comment: null,
  };
}

function cardOf({ users, following, followedBy }: Home, userId: ObjectId) {
  const id = String(userId);
  const user = users.get(id);
  return {
    id,
    username: user?.username,
    displayName: user?.displayName,
    avatarUrl: user?.avatarUrl,
    protected: user?.protected,
    viewer: {
      following: following.has(id),
      followedBy: followedBy.has(id),
      requested: false,
      requestedBy: false,
      blocking: false,
      muting: false,
      mutingRetweets: false,
    },
  };
}

export const byId = <T extends Stored>(rows: T[]): Map<string, T> =>
  new Map(rows.map((row) => [String(row._id), row]));
