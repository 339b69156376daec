import { now, nowMs } from "../../platform/clock";
import type { App } from "../../platform/context";
import { defineEvent, type Listener } from "../../platform/events";
import { compareIds, type ObjectId, oid } from "../../platform/id";
import { insertMissing } from "../../platform/mongo";
import { type EntryRecord, entriesOf, type Piece } from "../posts/feed.service";
import { followeesOf } from "../relationships/followees.service";
import {
  entryIdIn,
  InboxEntryModel,
  InboxModel,
  type InboxRecord,
  inboxKey,
  inboxMemory,
} from "./inbox.model";

const HOUR_MS = 3_600_000;

type Timed = Pick<App, "config">;

/** Somebody looks at home who has no inbox. */
export const inboxAsked = defineEvent<{ userId: string }>("inbox.asked");
/** Somebody may not have looked at home for so long that they are away. */
export const inboxLapsed = defineEvent<{ userId: string }>("inbox.lapsed");

/** Whoever has not looked at home since then is away: nothing is delivered to them. */
const awaySince = ({ config }: Timed): number => nowMs() - config.policy.inbox.awayAfter * 1000;

/** The user's inbox, if all that it should hold is in it; null for who has just come. Notes that they were there. */
export async function usableInbox(app: Timed, userId: ObjectId): Promise<InboxRecord | null> {
  const [inbox] = await inboxMemory.findAll([String(userId)]);
  // Who is away a little later may be passed over at this moment.
  if (!inbox?.filledAt || inbox.seenAt.getTime() < awaySince(app) + HOUR_MS) return null;
  if (inbox.seenAt.getTime() < nowMs() - HOUR_MS)
    await InboxModel.updateOne({ _id: userId }, { $set: { seenAt: now() } });
  return inbox;
}

/** Has an inbox be filled, once however often it is asked for before that begins. */
export const askForInbox = ({ jobs }: Pick<App, "jobs">, userId: string): Promise<void> =>
  jobs.emit(inboxAsked, { userId }, { key: userId });

/** Which of these users are there to have something delivered. */
export async function presentAmong(app: Timed, userIds: ObjectId[]): Promise<ObjectId[]> {
  const seenAt = { $gt: new Date(awaySince(app)) };
  // By the driver, and all in one record: they are many.
  return InboxModel.collection.distinct("_id", { _id: { $in: userIds }, seenAt });
}

const NONE = "0".repeat(24);
const LAST = "f".repeat(24);

/** A piece of an inbox, as deep as it goes, newest first. */
export async function readInbox(
  userId: ObjectId,
  { floor, below, count }: Piece & { floor: ObjectId | null },
): Promise<EntryRecord[]> {
  const rows = await InboxEntryModel.collection
    .find({
      _id: { $gte: inboxKey(userId, floor ?? oid(NONE)), $lt: inboxKey(userId, below ?? oid(LAST)) },
    } as object)
    .sort({ _id: -1 })
    .limit(count)
    .toArray();
  return rows.map((row) => ({ ...row, _id: entryIdIn(row._id as never) }) as unknown as EntryRecord);
}

const everythingIn = (userId: ObjectId) => ({
  $gte: inboxKey(userId, oid(NONE)),
  $lte: inboxKey(userId, oid(LAST)),
});

/** Puts entries into inboxes; those that are in already stay. */
export async function putIn(userIds: ObjectId[], entries: EntryRecord[]): Promise<void> {
  const rows = userIds.flatMap((userId) =>
    entries.map(({ _id, actorId, tweetId, kind }) => ({
      _id: inboxKey(userId, _id),
      actorId,
      tweetId,
      kind,
    })),
  );
  // Each may be delivered more than once: by its fan-out, and with the timeline that it is on.
  await insertMissing(InboxEntryModel, rows);
}

/** Takes an entry out of inboxes. */
export async function takeOut(userIds: ObjectId[], entryId: ObjectId): Promise<void> {
  const _id = { $in: userIds.map((userId) => inboxKey(userId, entryId)) };
  await InboxEntryModel.collection.deleteMany({ _id } as object);
}

/** Takes all of somebody's entries out of an inbox. */
export async function takeAllOut(userId: ObjectId, actorId: ObjectId): Promise<void> {
  await InboxEntryModel.collection.deleteMany({ _id: everythingIn(userId), actorId } as object);
}

/** Fills an inbox with the newest that its user's people did, from nothing. */
export const fillInbox: Listener<{ userId: string }> = async (app, { userId }) => {
  const me = oid(userId);
  // First of all things are delivered again: what is stored later comes so, and what was before is read here.
  await InboxModel.updateOne(
    { _id: me },
    { $set: { seenAt: now(), filledAt: null, floor: null } },
    { upsert: true },
  );
  await InboxEntryModel.collection.deleteMany({ _id: everythingIn(me) } as object);
  const { size, awayAfter } = app.config.policy.inbox;
  const entries = await entriesOf([me, ...(await followeesOf(me))], { below: undefined, count: size });
  await putIn([me], entries);
  const floor = entries.length === size ? entries.at(-1)?._id : undefined;
  await raiseFloor(me, floor);
  await InboxModel.updateOne({ _id: me }, { $set: { filledAt: now() } });
  await app.jobs.emit(inboxLapsed, { userId }, { key: userId, runAt: new Date(nowMs() + awayAfter * 1000) });
};

/** Takes the inbox of who is away, and looks again later after who is not. */
export const dropInbox: Listener<{ userId: string }> = async (app, { userId }) => {
  const inbox = await InboxModel.findById(oid(userId)).lean();
  const seenAt = inbox?.seenAt.getTime() ?? 0;
  const runAt = new Date(seenAt + app.config.policy.inbox.awayAfter * 1000);
  if (runAt > now()) await app.jobs.emit(inboxLapsed, { userId }, { key: userId, runAt });
  else await removeInbox(oid(userId));
};

/** The next inboxes, in the order of whose they are. */
export const inboxesAfter = (userId: ObjectId | undefined, count: number): Promise<InboxRecord[]> =>
  InboxModel.find({ _id: { $gt: userId ?? oid(NONE) } })
    .sort({ _id: 1 })
    .limit(count)
    .lean();

/** The inboxes of these users. */
export const findInboxes = (userIds: ObjectId[]): Promise<InboxRecord[]> =>
  InboxModel.find({ _id: { $in: userIds } }).lean();

/** Takes an inbox away. */
export async function removeInbox(userId: ObjectId): Promise<void> {
  await InboxModel.deleteOne({ _id: userId });
  await InboxEntryModel.collection.deleteMany({ _id: everythingIn(userId) } as object);
}

/** Says that what is older than this entry need not be in an inbox. */
async function raiseFloor(userId: ObjectId, floor: ObjectId | undefined): Promise<void> {
  if (!floor) return;
  await InboxModel.updateOne(
    { _id: userId, $or: [{ floor: null }, { floor: { $lt: floor } }] },
    { $set: { floor } },
  );
}

/** Cuts an inbox to its size. */
export async function trimInbox(app: Timed, userId: ObjectId): Promise<void> {
  const { size } = app.config.policy.inbox;
  const [last, more] = await InboxEntryModel.collection
    .find({ _id: everythingIn(userId) } as object, { projection: { _id: 1 } })
    .sort({ _id: -1 })
    .skip(size - 1)
    .limit(2)
    .toArray();
  if (!last || !more) return;
  const floor = entryIdIn(last._id as never);
  // Nobody looks for it there any more when it goes.
  await raiseFloor(userId, floor);
  const older = { $gte: inboxKey(userId, oid(NONE)), $lt: inboxKey(userId, floor) };
  await InboxEntryModel.collection.deleteMany({ _id: older } as object);
}

/** Brings into an inbox what somebody did who is followed, as deep as it goes. */
export async function backFill(app: Timed, userId: ObjectId, actorId: ObjectId): Promise<void> {
  const inbox = await InboxModel.findById(userId).lean();
  const { size } = app.config.policy.inbox;
  const entries = await entriesOf([actorId], { below: undefined, count: size });
  const { floor } = inbox ?? { floor: null };
  await putIn(
    [userId],
    entries.filter(({ _id }) => !floor || compareIds(_id, floor) >= 0),
  );
  if (entries.length === size) await raiseFloor(userId, entries.at(-1)?._id);
}
