import type { ViewerContext } from "../../platform/context";
import { inGroups } from "../../platform/group";
import { newId, type ObjectId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { PostModel, type PostRecord } from "./post.model";
import { notFound, type PostCounts, type PostKey } from "./post.service";

/** What somebody did to a post: they do it once or not at all. */
interface Reaction {
  _id: ObjectId;
  userId: ObjectId;
  post: Pick<PostRecord, "_id" | "kind" | "authorId">;
}

/** One kind of reactions, with the counter that moves with them. */
interface ReactionKind {
  counter: "likes" | "retweets";
  /** Which of these people have done it to which of these posts. */
  find: (userIds: ObjectId[], postIds: ObjectId[]) => Promise<Between[]>;
  insert: (reactions: Reaction[]) => Promise<unknown>;
  remove: (ids: ObjectId[]) => Promise<unknown>;
  /** Says that it was done, or taken back. */
  tell: (ctx: ViewerContext, reaction: Reaction, isThere: boolean) => Promise<void>;
}

/** A stored reaction, of whatever kind. */
export type Between = Pick<Reaction, "_id" | "userId"> & { postId: ObjectId };

/** What the viewer would have true of a post. */
interface Wish {
  ctx: ViewerContext;
  post: PostKey;
  wanted: boolean;
}

type Live = Pick<PostRecord, "_id" | "kind" | "authorId" | "counts">;

/** A reaction as the transaction found it, and as it leaves it. */
interface Change extends Reaction {
  ctx: ViewerContext;
  was: boolean;
  is: boolean;
}

/**
 * Has a reaction of the viewer to a post be there, or not, whether or not it is already; answers the post's counters. All
 * who want so at once share a transaction: their reactions are stored together, and a counter moves once for all of them.
 * @returns a function that throws TWEET_NOT_FOUND or COMMENT_NOT_FOUND when the post is deleted meanwhile
 */
export function reactions(kind: ReactionKind): (wish: Wish) => Promise<PostCounts> {
  const ask = inGroups<Wish, PostCounts | null>({
    // All who react to one post move its counter.
    turnsOf: ({ post }) => [post.id],
    write: (wishes) => transaction(() => grant(kind, wishes)),
  });
  return async (wish) => {
    const counts = await ask(wish);
    if (!counts) throw notFound(wish.post.kind);
    return counts;
  };
}

/** @returns the counters after each wish; null where there is no such post */
async function grant(kind: ReactionKind, wishes: Wish[]): Promise<(PostCounts | null)[]> {
  const posts = await findLive(wishes.map(({ post }) => oid(post.id)));
  const changes = await findChanges(kind, wishes, posts);
  // One after the other, as if each had come alone.
  const counts = wishes.map((wish) => {
    const [post, change] = [posts.get(wish.post.id), changes.get(keyOf(wish))];
    if (!post || !change || post.kind !== wish.post.kind) return null;
    if (change.is !== wish.wanted) post.counts[kind.counter] += wish.wanted ? 1 : -1;
    change.is = wish.wanted;
    return { ...post.counts };
  });
  await store(
    kind,
    [...changes.values()].filter(({ was, is }) => was !== is),
  );
  return counts;
}

async function findLive(ids: ObjectId[]): Promise<Map<string, Live>> {
  const posts: Live[] = await PostModel.find(
    { _id: { $in: ids }, deletedAt: null },
    { kind: 1, authorId: 1, counts: 1 },
  ).lean();
  return new Map(posts.map((post) => [String(post._id), post]));
}

async function findChanges(
  { find }: ReactionKind,
  wishes: Wish[],
  posts: Map<string, Live>,
): Promise<Map<string, Change>> {
  const userIds = wishes.map(({ ctx }) => oid(ctx.viewer.id));
  const found = await find(
    userIds,
    [...posts.values()].map(({ _id }) => _id),
  );
  const there = new Map(found.map(({ _id, userId, postId }) => [`${userId} ${postId}`, _id]));
  const changes = new Map<string, Change>();
  for (const wish of wishes) {
    const [key, post] = [keyOf(wish), posts.get(wish.post.id)];
    const _id = there.get(key);
    const [was, userId] = [_id !== undefined, oid(wish.ctx.viewer.id)];
    if (post) changes.set(key, { _id: _id ?? newId(), userId, post, ctx: wish.ctx, was, is: was });
  }
  return changes;
}

const keyOf = ({ ctx, post }: Wish): string => `${ctx.viewer.id} ${post.id}`;

async function store({ counter, insert, remove, tell }: ReactionKind, changes: Change[]): Promise<void> {
  const [made, undone] = [changes.filter(({ is }) => is), changes.filter(({ is }) => !is)];
  if (made.length > 0) await insert(made);
  if (undone.length > 0) await remove(undone.map(({ _id }) => _id));
  const moves = [...movesOf(made, 1), ...movesOf(undone, -1)];
  if (moves.length > 0) {
    await PostModel.bulkWrite(
      moves.map(({ _id, by }) => ({
        updateOne: { filter: { _id }, update: { $inc: { [`counts.${counter}`]: by } } },
      })),
    );
  }
  for (const change of changes) await tell(change.ctx, change, change.is);
}

/**
 * What moves the counters of these posts. Ups and downs of one post are two moves, also where they come to nothing: who
 * deletes the post meanwhile must write to what is written here, or a reaction would be left behind.
 */
function movesOf(changes: Change[], one: 1 | -1): { _id: ObjectId; by: number }[] {
  const moves = new Map<string, { _id: ObjectId; by: number }>();
  for (const { post } of changes) {
    const by = (moves.get(String(post._id))?.by ?? 0) + one;
    moves.set(String(post._id), { _id: post._id, by });
  }
  return [...moves.values()];
}
