import {
  type FeedItem,
  type HashtagTimeline,
  hashtagKey,
  type Page,
  type UserTimeline,
  type UserTimelineFilter,
} from "@warble/contracts";
import type { Context } from "../../platform/context";
import { type ObjectId, oid } from "../../platform/id";
import type { Stored } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { commentsBy, entriesOf, likesBy, type Piece } from "../posts/feed.service";
import { findTweetsById, tweetFinder } from "../posts/find.service";
import type { CommentRecord, TweetRecord } from "../posts/post.service";
import { showComments, showTweets } from "../posts/post.view";
import { requireListed } from "../users/profile.service";

type Asker = Pick<Context, "viewer">;

interface Row extends Stored {
  tweetId: ObjectId;
  retweeted?: boolean;
  comment?: CommentRecord;
}

type Reader = (userId: ObjectId, piece: Piece) => Promise<Row[]>;

const READERS: Record<UserTimelineFilter, Reader> = {
  tweets: async (userId, piece) =>
    (await entriesOf([userId], piece)).map(({ _id, tweetId, kind }) => ({
      _id,
      tweetId,
      retweeted: kind === "retweet",
    })),
  replies: async (userId, piece) =>
    (await commentsBy(userId, piece)).map((comment) => ({
      _id: comment._id,
      tweetId: comment.tweetId,
      comment,
    })),
  likes: async (userId, piece) =>
    (await likesBy(userId, piece)).map(({ _id, postId }) => ({ _id, tweetId: postId })),
};

/** What a user tweeted and retweeted, answered, or likes, newest first. @throws WarbleError USER_NOT_FOUND, BAD_CURSOR */
export async function userTimeline(ctx: Asker, input: UserTimeline): Promise<Page<FeedItem>> {
  const start = decodeCursor(input.cursor, IdCursor);
  const { user, card, isEmpty } = await requireListed(ctx, input.username);
  if (isEmpty) return { items: [], nextCursor: null };
  return fillPage<Row, FeedItem>({
    limit: input.limit,
    read: (last, count) =>
      READERS[input.filter](user._id, { below: last?._id ?? (start && oid(start.id)), count }),
    show: async (rows) => {
      const items = await showRows(ctx, rows);
      return items.map(
        (item, index) => item && { ...item, retweetedBy: rows[index]?.retweeted ? card : null },
      );
    },
    cursorOf: (row) => encodeCursor({ id: String(row._id) }),
  });
}

/** The tweets with a hashtag, newest first. @throws WarbleError BAD_CURSOR */
export async function hashtagTimeline(
  ctx: Asker,
  { tag, cursor, limit }: HashtagTimeline,
): Promise<Page<FeedItem>> {
  const start = decodeCursor(cursor, IdCursor);
  const find = tweetFinder({ terms: [`#${hashtagKey(tag).replace(/^#/, "")}`] });
  return fillPage<TweetRecord, FeedItem, Stored>({
    limit,
    read: async (last, count) => {
      const piece = { below: last?._id ?? (start && oid(start.id)), count };
      const { tweets, rest } = await find(piece);
      return { rows: tweets, rest: rest && { _id: rest } };
    },
    show: async (tweets) => {
      const shown = await showTweets(ctx, tweets, "feeds");
      return shown.map((tweet) => tweet && { tweet, retweetedBy: null, comment: null });
    },
    cursorOf: (tweet) => encodeCursor({ id: String(tweet._id) }),
  });
}

async function showRows(ctx: Asker, rows: Row[]): Promise<(FeedItem | null)[]> {
  const records = await findTweetsById(rows.map((row) => row.tweetId));
  const [tweets, comments] = await Promise.all([
    showTweets(ctx, records),
    showComments(
      ctx,
      rows.flatMap((row) => row.comment ?? []),
    ),
  ]);
  const tweetOf = new Map(tweets.flatMap((tweet) => (tweet ? [[tweet.id, tweet]] : [])));
  const commentOf = new Map(comments.map((comment) => [comment.id, comment]));
  return rows.map((row) => {
    const tweet = tweetOf.get(String(row.tweetId));
    const comment = row.comment ? commentOf.get(String(row._id)) : null;
    if (!tweet || comment === undefined || (comment && "unavailable" in comment)) return null;
    return { tweet, retweetedBy: null, comment };
  });
}
