import type {
  CreateTweet,
  Done,
  ListById,
  MuteThread,
  Page,
  Tweet,
  TweetState,
  TweetVersion,
  TweetViewer,
  UpdateTweet,
  UserCard,
} from "@warble/contracts";
import type { Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { remembering } from "../../platform/memory";
import { muteThread } from "../mutes/mute.service";
import { readContent } from "../posts/content.service";
import { newTweet, storeTweet } from "../posts/create.service";
import { editPost, listVersions } from "../posts/edit.service";
import { likePost, listLikers, unlikePost } from "../posts/like.service";
import { findTweet, notFound, type PostCounts, requireAuthor, requireTweet } from "../posts/post.service";
import { showTweetCounts, showTweets } from "../posts/post.view";
import { removePost } from "../posts/remove.service";
import { listRetweeters, removeRetweet, storeRetweet } from "../posts/retweet.service";

/** Writes a tweet. @throws WarbleError BAD_INPUT */
export async function createTweet(ctx: ViewerContext, { content }: CreateTweet): Promise<Tweet> {
  const record = newTweet(ctx, await readContent(ctx, content));
  // What it is shown with is there before it.
  const shown = remembering(() => showTweets(ctx, [record]));
  const [[tweet], stored] = await Promise.all([shown, storeTweet(ctx, record)]);
  if (stored._id !== record._id) return requireTweet(ctx, String(stored._id));
  if (!tweet) throw notFound("tweet");
  return tweet;
}

/** @throws WarbleError TWEET_NOT_FOUND, FORBIDDEN, BAD_INPUT, NO_CHANGE */
export async function updateTweet(ctx: ViewerContext, { id, content }: UpdateTweet): Promise<Tweet> {
  requireAuthor(ctx, await requireTweet(ctx, id));
  await editPost(ctx, { kind: "tweet", id }, content);
  return requireTweet(ctx, id);
}

/** @throws WarbleError TWEET_NOT_FOUND, FORBIDDEN */
export async function deleteTweet(ctx: ViewerContext, id: string): Promise<Done> {
  requireAuthor(ctx, await requireTweet(ctx, id));
  await removePost(ctx, { kind: "tweet", id });
  return { ok: true };
}

/** @throws WarbleError TWEET_NOT_FOUND */
export async function likeTweet(ctx: ViewerContext, id: string): Promise<TweetState> {
  const { viewer } = await requireTweet(ctx, id);
  const counts = await likePost(ctx, { kind: "tweet", id });
  return stateOf(counts, { ...viewer, liked: true });
}

/** @throws WarbleError TWEET_NOT_FOUND */
export async function unlikeTweet(ctx: ViewerContext, id: string): Promise<TweetState> {
  const { viewer } = await requireTweet(ctx, id);
  const counts = await unlikePost(ctx, { kind: "tweet", id });
  return stateOf(counts, { ...viewer, liked: false });
}

/** @throws WarbleError TWEET_NOT_FOUND, FORBIDDEN when the author shows it to followers only */
export async function retweetTweet(ctx: ViewerContext, id: string): Promise<TweetState> {
  const { author, viewer } = await requireTweet(ctx, id);
  if (author.protected && author.id !== ctx.viewer.id) throw new WarbleError("FORBIDDEN");
  return stateOf(await storeRetweet(ctx, id), { ...viewer, retweeted: true });
}

/** @throws WarbleError TWEET_NOT_FOUND */
export async function unretweetTweet(ctx: ViewerContext, id: string): Promise<TweetState> {
  const { viewer } = await requireTweet(ctx, id);
  return stateOf(await removeRetweet(ctx, id), { ...viewer, retweeted: false });
}

/** Has a tweet and what stands under it no longer come unasked. @throws WarbleError TWEET_NOT_FOUND, BAD_INPUT */
export async function muteTweetThread(ctx: ViewerContext, input: MuteThread): Promise<Done> {
  await requireTweet(ctx, input.id);
  return muteThread(ctx, input);
}

const stateOf = (
  counts: PostCounts,
  { liked = false, retweeted = false }: Partial<TweetViewer>,
): TweetState => ({
  viewer: { liked, retweeted },
  counts: showTweetCounts(counts),
});

/** @throws WarbleError TWEET_NOT_FOUND, BAD_CURSOR */
export async function listTweetLikers(ctx: Context, input: ListById): Promise<Page<UserCard>> {
  await requireTweet(ctx, input.id);
  return listLikers(ctx, input);
}

/** @throws WarbleError TWEET_NOT_FOUND, BAD_CURSOR */
export async function listTweetRetweeters(ctx: Context, input: ListById): Promise<Page<UserCard>> {
  await requireTweet(ctx, input.id);
  return listRetweeters(ctx, input);
}

/** What a tweet says and said, newest first. @throws WarbleError TWEET_NOT_FOUND, BAD_CURSOR */
export async function listTweetVersions(ctx: Context, input: ListById): Promise<Page<TweetVersion>> {
  await requireTweet(ctx, input.id);
  const record = await findTweet(input.id);
  if (!record) throw notFound("tweet");
  return listVersions(record, input);
}
