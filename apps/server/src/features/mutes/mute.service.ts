import {
  type Done,
  LIMITS,
  type MutedWord,
  type MuteThread,
  type MuteWord,
  type Page,
  type PageInput,
  phraseText,
  searchTerms,
} from "@warble/contracts";
import { batch } from "../../platform/batch";
import { now } from "../../platform/clock";
import type { Context, ViewerContext } from "../../platform/context";
import { endOf } from "../../platform/end";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { inTransaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { MuteModel, type MuteRecord } from "./mute.model";

const DONE: Done = { ok: true };

const inForce = () => ({ $or: [{ until: null }, { until: { $gt: now() } }] });

/** Has what holds a word or phrase no longer come unasked, for good or until then. @throws WarbleError BAD_INPUT */
export async function muteWord(ctx: ViewerContext, { word, until }: MuteWord): Promise<MutedWord> {
  const of = { userId: oid(ctx.viewer.id), kind: "word" as const };
  const given = { word, terms: searchTerms(word), until: endOf(until) };
  const key = phraseText(word);
  return inTurn([`mutes ${ctx.viewer.id}`], async () => {
    const others = await MuteModel.countDocuments({ ...of, key: { $ne: key }, ...inForce() });
    if (others >= LIMITS.mutedWords) throw tooMany();
    const stored = await MuteModel.findOneAndUpdate(
      { ...of, key },
      { $set: given, $setOnInsert: { _id: newId() } },
      { upsert: true, returnDocument: "after" },
    ).lean();
    return showWord(stored);
  });
}

const tooMany = (): WarbleError => {
  const message = `You mute ${LIMITS.mutedWords} words, which is all that fit: unmute one first.`;
  return new WarbleError("BAD_INPUT", { message, issues: [{ path: ["word"], code: "too_big", message }] });
};

/** Takes the mute of a word back; it need not be there. */
export async function unmuteWord(ctx: ViewerContext, id: string): Promise<Done> {
  await MuteModel.deleteOne({ _id: oid(id), userId: oid(ctx.viewer.id), kind: "word" });
  return DONE;
}

/** The words that the viewer mutes, the latest first. @throws WarbleError BAD_CURSOR */
export function listMutedWords(ctx: ViewerContext, { cursor, limit }: PageInput): Promise<Page<MutedWord>> {
  const start = decodeCursor(cursor, IdCursor);
  const of = { userId: oid(ctx.viewer.id), kind: "word" as const };
  return fillPage<MuteRecord, MutedWord>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (start && oid(start.id));
      return MuteModel.find({ ...of, ...inForce(), ...(before && { _id: { $lt: before } }) })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: async (records) => records.map(showWord),
    cursorOf: (record) => encodeCursor({ id: String(record._id) }),
  });
}

const showWord = ({ _id, word, until }: MuteRecord): MutedWord => ({
  id: String(_id),
  word,
  until: until?.toISOString() ?? null,
});

/** Has a tweet and what stands under it no longer come unasked, for good or until then. @throws WarbleError BAD_INPUT */
export async function muteThread(ctx: ViewerContext, { id, until }: MuteThread): Promise<Done> {
  await MuteModel.updateOne(
    threadOf(ctx, id),
    { $set: { until: endOf(until) }, $setOnInsert: { _id: newId() } },
    { upsert: true },
  );
  return DONE;
}

/** Takes the mute of a thread back; it need not be there. */
export async function unmuteThread(ctx: ViewerContext, id: string): Promise<Done> {
  await MuteModel.deleteOne(threadOf(ctx, id));
  return DONE;
}

const threadOf = ({ viewer }: ViewerContext, id: string) => ({
  userId: oid(viewer.id),
  kind: "thread" as const,
  key: id,
});

/** A text that a viewer may mute. */
export interface Mutable {
  content: string;
  terms: string[];
  threadId: ObjectId;
}

/** What the viewer mutes of these texts, in one read. */
export async function loadMutes(
  { viewer }: Pick<Context, "viewer">,
  threadIds: ObjectId[],
): Promise<(text: Mutable) => { mutedWord: boolean; mutedThread: boolean }> {
  const mutes = viewer ? await findMutes({ userId: oid(viewer.id), threadIds }) : [];
  const words = mutes.filter(({ kind }) => kind === "word");
  const threads = new Set(mutes.filter(({ kind }) => kind === "thread").map(({ key }) => key));
  return (text) => ({
    mutedWord: words.length > 0 && holdsAny(text, words),
    mutedThread: threads.has(String(text.threadId)),
  });
}

interface Asked {
  userId: ObjectId;
  threadIds: ObjectId[];
}

const MOST_ASKED = 64;

/** Of all who ask in one turn of the event loop. */
const findInBatch = batch<Asked, MuteRecord[]>(async (all) => {
  const mutes = await readMutes(all);
  return all.map(({ userId }) => mutes.filter((mute) => mute.userId.equals(userId)));
}, MOST_ASKED);

const findMutes = (asked: Asked): Promise<MuteRecord[]> =>
  inTransaction() ? readMutes([asked]) : findInBatch(asked);

const readMutes = (all: readonly Asked[]): Promise<MuteRecord[]> =>
  MuteModel.find({
    userId: { $in: all.map(({ userId }) => userId) },
    $and: [{ $or: [{ kind: "word" }, { kind: "thread", key: { $in: threadKeys(all) } }] }, inForce()],
  }).lean();

const threadKeys = (all: readonly Asked[]): string[] => [
  ...new Set(all.flatMap(({ threadIds }) => threadIds.map(String))),
];

/** As in a search: the words of a phrase are words of the text, and stand there as in the phrase. */
function holdsAny({ content, terms }: Mutable, words: MuteRecord[]): boolean {
  const text = phraseText(content);
  return words.some((mute) => mute.terms.every((term) => terms.includes(term)) && text.includes(mute.key));
}

/** Takes away what a user mutes. */
export async function removeMutes(userId: ObjectId): Promise<void> {
  await MuteModel.deleteMany({ userId });
}
