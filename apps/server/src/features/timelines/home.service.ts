import type { FeedItem, Page, PageInput, UserCard } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { compareIds, distinct, type ObjectId, oid, timeOf } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { retweetsOf } from "../posts/entry.service";
import type { EntryRecord } from "../posts/feed.service";
import { findTweetsById } from "../posts/find.service";
import type { TweetRecord } from "../posts/post.service";
import { showTweets } from "../posts/post.view";
import { followeesOf } from "../relationships/followees.service";
import { tiesOf } from "../relationships/relationship.service";
import { loadSights, showSight } from "../users/user.view";
import { canSee, type Sight } from "../visibility/visibility.service";
import { homeEntries } from "./entries.service";

/** For so long a retweet does not bring up again a tweet that has been there. */
const REST_MS = 12 * 60 * 60_000;

/** `top` is the newest entry when paging began: what comes later does not move what is paged through. */
const HomeCursor = IdCursor.extend({ top: IdCursor.shape.id });

/** What the viewer and those they follow tweeted and retweeted, newest first. @throws WarbleError BAD_CURSOR */
export async function homeTimeline(
  ctx: ViewerContext,
  { cursor, limit }: PageInput,
): Promise<Page<FeedItem>> {
  const start = decodeCursor(cursor, HomeCursor);
  const read = await homeEntries(ctx);
  let top = start && oid(start.top);
  return fillPage<EntryRecord, FeedItem>({
    limit,
    spare: Math.ceil(limit / 2),
    read: async (last, count) => {
      const entries = await read({ below: last?._id ?? (start && oid(start.id)), count });
      top ??= entries[0]?._id;
      return entries;
    },
    show: (entries) => showEntries(ctx, entries, { top, limit }),
    cursorOf: (entry) => encodeCursor({ id: String(entry._id), top: String(top) }),
  });
}

interface Shown {
  top: ObjectId | undefined;
  /** More need not be shown: for what follows there is null, too. */
  limit: number;
}

/** What may have gone from a timeline since it was delivered is gone here, too. */
async function showEntries(
  ctx: ViewerContext,
  entries: EntryRecord[],
  { top, limit }: Shown,
): Promise<(FeedItem | null)[]> {
  const tweets = await findTweetsById(entries.map((entry) => entry.tweetId));
  const { standing, sights } = await stand(ctx, entries, { top, tweets });
  const byId = new Map(tweets.map((tweet) => [String(tweet._id), tweet]));
  const items = new Map<EntryRecord, FeedItem>();
  const left = entries.filter((entry) => standing.get(String(entry.tweetId))?.equals(entry._id));
  while (left.length > 0 && items.size < limit) {
    const next = left.splice(0, limit - items.size);
    const shown = await showTweets(
      ctx,
      next.flatMap((entry) => byId.get(String(entry.tweetId)) ?? []),
      sights,
    );
    for (const [index, entry] of next.entries()) {
      const tweet = shown[index];
      if (tweet) items.set(entry, { tweet, retweetedBy: retweeterOf(entry, sights), comment: null });
    }
  }
  return entries.map((entry) => items.get(entry) ?? null);
}

/** Which entries stand for their tweets, by the tweets' ids, and all whom they are of. */
async function stand(
  ctx: ViewerContext,
  entries: EntryRecord[],
  { top, tweets }: { top: ObjectId | undefined; tweets: TweetRecord[] },
) {
  const people = [...entries.map((entry) => entry.actorId), ...tweets.map((tweet) => tweet.authorId)];
  const near = await loadSights(ctx, distinct(people));
  const isSettled = (tweet: TweetRecord) =>
    top !== undefined && isBy(near, tweet.authorId) && timeOf(top) - timeOf(tweet._id) <= REST_MS;
  const retweets = await retweetsByPeople(
    ctx,
    tweets.filter((tweet) => !isSettled(tweet)),
  );
  const further = retweets.map((entry) => entry.actorId).filter((id) => !near.has(String(id)));
  const sights = further.length > 0 ? new Map([...near, ...(await loadSights(ctx, further))]) : near;
  const rivals = [...tweets.map(entryOf), ...retweets]
    .filter((entry) => (!top || compareIds(entry._id, top) <= 0) && mayCome(entry, sights))
    .sort(olderFirst);
  return { standing: standingOf(rivals), sights };
}

/** By which a tweet stands on its author's timeline. */
const entryOf = ({ _id, authorId }: TweetRecord): EntryRecord => ({
  _id,
  actorId: authorId,
  tweetId: _id,
  kind: "tweet",
});

/** The retweets of these tweets by the viewer and those they follow. */
async function retweetsByPeople({ viewer }: ViewerContext, tweets: TweetRecord[]): Promise<EntryRecord[]> {
  const me = oid(viewer.id);
  const retweets = await retweetsOf(tweets, async () => [me, ...(await followeesOf(me))]);
  if (retweets.length === 0) return [];
  const ties = await tiesOf(
    me,
    retweets.map((entry) => entry.actorId),
  );
  return retweets.filter(({ actorId }) => actorId.equals(me) || ties.get(String(actorId))?.following);
}

/**
 * Which entry stands for each tweet, however many there are: the oldest, so that a popular tweet does not jump up
 * all day, until one comes so much later that it brings an old tweet up again.
 */
function standingOf(oldestFirst: EntryRecord[]): Map<string, ObjectId> {
  const standing = new Map<string, ObjectId>();
  for (const { _id, tweetId } of oldestFirst) {
    const current = standing.get(String(tweetId));
    if (!current || timeOf(_id) - timeOf(current) > REST_MS) standing.set(String(tweetId), _id);
  }
  return standing;
}

const olderFirst = (a: EntryRecord, b: EntryRecord): number => compareIds(a._id, b._id);

/** Whether somebody is the viewer, or followed by them. */
function isBy(sights: Map<string, Sight>, id: ObjectId): boolean {
  const sight = sights.get(String(id));
  return sight !== undefined && (sight.ties.following || sight.viewer?.id === String(id));
}

/** Whether what somebody put on their timeline may come by them: the tweet itself is looked at when it is shown. */
function mayCome({ kind, actorId }: EntryRecord, sights: Map<string, Sight>): boolean {
  const actor = sights.get(String(actorId));
  if (!actor || !isBy(sights, actorId)) return false;
  return canSee({ ...actor, thing: { retweet: kind === "retweet" } }, "news");
}

function retweeterOf({ kind, actorId }: EntryRecord, sights: Map<string, Sight>): UserCard | null {
  const actor = kind === "retweet" ? sights.get(String(actorId)) : undefined;
  return actor ? showSight(actor) : null;
}
