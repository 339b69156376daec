import type { App } from "../../platform/context";
import { type ObjectId, oid } from "../../platform/id";
import type { RunningJob } from "../../platform/jobs";
import { inTurn } from "../../platform/turn";
import { type EntryKey, entryRemoved, findEntry } from "../posts/entry.service";
import { followersAfter, isFollowing } from "../relationships/followees.service";
import { makeLoud } from "../relationships/loud.service";
import { findUser } from "../users/user.service";
import { backFill, presentAmong, putIn, takeAllOut, takeOut, trimInbox } from "./inbox.service";

const BATCH = 1_000;
/** Of those who have more followers, one batch after the other is written on a node: calls want the database, too. */
const MANY = "deliveries to many";
/** Of so many deliveries one has the inbox cut to its size. */
const TRIMMED_EVERY = 512;

/** Which entry, and the follower after whom the rest have not been served. */
export interface Delivery extends EntryKey {
  after?: string;
}

type Job = RunningJob<Delivery>;

/**
 * Puts an entry into the inboxes of those who follow its actor and are not away. Whoever has very many followers is loud
 * instead. It may be cut off anywhere, and goes on with the batch that was cut.
 */
export async function deliver(app: App, delivery: Delivery, job: Job): Promise<void> {
  const entryId = oid(delivery.entryId);
  const [entry, actor] = [await findEntry(entryId), await findUser({ id: delivery.actorId })];
  if (!entry || !actor) return;
  if (actor.counts.followers > app.config.policy.inbox.followersMost) return makeLoud(delivery.actorId);
  await forFollowers({ app, delivery, job }, async (userIds) => {
    await putIn(userIds, [entry]);
    const trimmed = userIds.filter(() => Math.random() * TRIMMED_EVERY < 1);
    await Promise.all(trimmed.map((userId) => trimInbox(app, userId)));
  });
  // Whoever took it out meanwhile may have come before it was put in.
  if (!(await findEntry(entryId))) await app.jobs.emit(entryRemoved, delivery);
}

/** Takes an entry that is gone out of the inboxes that it was put into. */
export async function withdraw(app: App, delivery: Delivery, job: Job): Promise<void> {
  const entryId = oid(delivery.entryId);
  if (await findEntry(entryId)) return;
  await forFollowers({ app, delivery, job }, (userIds) => takeOut(userIds, entryId));
}

/** Does something for the actor and all who follow them and are not away, a batch at a time. */
async function forFollowers(
  { app, delivery, job }: { app: App; delivery: Delivery; job: Job },
  serve: (userIds: ObjectId[]) => Promise<void>,
): Promise<void> {
  const actorId = oid(delivery.actorId);
  const read = async (after: ObjectId | undefined) => {
    const { userIds, last } = await followersAfter(actorId, { after, count: BATCH });
    const present = await presentAmong(app, after ? userIds : [actorId, ...userIds]);
    return { present, last: userIds.length === BATCH ? last : undefined };
  };
  let { present, last } = await read(delivery.after === undefined ? undefined : oid(delivery.after));
  let kept: Promise<void> | undefined;
  for (;;) {
    // The next are looked up while these are served, and it is kept that those before have been.
    const served = last ? inTurn([MANY], () => serve(present)) : serve(present);
    const [next] = await Promise.all([last && read(last), served, kept]);
    if (!last || !next) return;
    kept = job.keep({ ...delivery, after: String(last) });
    ({ present, last } = next);
  }
}

/** Who follows, or no longer, and whom. */
interface Pair {
  followerId: string;
  followeeId: string;
}

/** Has an inbox hold what somebody did, or not, as its user follows them or not. */
export async function reconcile(app: App, { followerId, followeeId }: Pair): Promise<void> {
  const [userId, actorId] = [oid(followerId), oid(followeeId)];
  const [present] = await presentAmong(app, [userId]);
  if (!present) return;
  // Another may do the same for what is true a moment later, and be done first.
  let was: boolean;
  let is = await isFollowing(userId, actorId);
  do {
    was = is;
    if (was) await backFill(app, userId, actorId);
    else await takeAllOut(userId, actorId);
    is = await isFollowing(userId, actorId);
  } while (is !== was);
}
