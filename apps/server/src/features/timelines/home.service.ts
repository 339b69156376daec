import type { FeedItem, Page, PageInput, UserCard } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { type ObjectId, oid, timeOf } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { type EntryRecord, entriesAbout, entriesOf, type Piece } from "../posts/feed.service";
import { findTweetsById } from "../posts/find.service";
import { showTweets } from "../posts/post.view";
import { followeesOf } from "../relationships/followees.service";
import { loadSights, showSight } from "../users/user.view";
import { canSee, type Sight } from "../visibility/visibility.service";

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
  const home = await homeEntries(ctx);
  let top = start && oid(start.top);
  return fillPage<EntryRecord, FeedItem>({
    limit,
    read: async (last, count) => {
      const entries = await home.read({ below: last?._id ?? (start && oid(start.id)), count });
      top ??= entries[0]?._id;
      return entries;
    },
    show: (entries) => showEntries(ctx, entries, (tweetIds) => home.about(tweetIds, top)),
    cursorOf: (entry) => encodeCursor({ id: String(entry._id), top: String(top) }),
  });
}

interface Home {
  /** The entries of home, newest first. */
  read: (piece: Piece) => Promise<EntryRecord[]>;
  /** All entries of home about these tweets, up to `top`, oldest first. */
  about: (tweetIds: ObjectId[], top: ObjectId | undefined) => Promise<EntryRecord[]>;
}

/** Where home comes from: now, what each of one's people did, read when it is asked for. */
async function homeEntries({ viewer }: ViewerContext): Promise<Home> {
  const me = oid(viewer.id);
  const actorIds = [me, ...(await followeesOf(me))];
  return {
    read: (piece) => entriesOf(actorIds, piece),
    about: (tweetIds, top) => entriesAbout(tweetIds, { actorIds, top }),
  };
}

async function showEntries(
  ctx: ViewerContext,
  entries: EntryRecord[],
  about: (tweetIds: ObjectId[]) => Promise<EntryRecord[]>,
): Promise<(FeedItem | null)[]> {
  const tweetIds = entries.map((entry) => entry.tweetId);
  const [rivals, tweets] = await Promise.all([about(tweetIds), findTweetsById(tweetIds)]);
  const people = [...rivals.map((entry) => entry.actorId), ...tweets.map((tweet) => tweet.authorId)];
  const sights = await loadSights(ctx, people);
  const standing = standingOf(rivals.filter((entry) => mayCome(entry, sights)));
  const shown = await showTweets(ctx, tweets, sights);
  const byId = new Map(shown.flatMap((tweet) => (tweet ? [[tweet.id, tweet]] : [])));
  return entries.map((entry) => {
    const id = String(entry.tweetId);
    const tweet = byId.get(id);
    if (!tweet || !standing.get(id)?.equals(entry._id)) return null;
    return { tweet, retweetedBy: retweeterOf(entry, sights), comment: null };
  });
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

/** Whether what somebody put on their timeline may come by them: the tweet itself is looked at when it is shown. */
function mayCome({ kind, actorId }: EntryRecord, sights: Map<string, Sight>): boolean {
  const actor = sights.get(String(actorId));
  return actor !== undefined && canSee({ ...actor, thing: { retweet: kind === "retweet" } }, "news");
}

function retweeterOf({ kind, actorId }: EntryRecord, sights: Map<string, Sight>): UserCard | null {
  const actor = kind === "retweet" ? sights.get(String(actorId)) : undefined;
  return actor ? showSight(actor) : null;
}
