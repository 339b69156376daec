import {
  type AddFilter,
  type Filter,
  type FilterKind,
  LIMITS,
  type Page,
  type PageInput,
} from "@warble/contracts";
import { now } from "../../platform/clock";
import type { App } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { newId, oid } from "../../platform/id";
import { afterCommit, mongoName } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { FilterModel, type FilterRecord } from "./filter.model";
import { holdsWord, plainText } from "./word.service";

/** How long what was read of the filters is good for: so long it takes until a change holds on every node. */
const FRESH_MS = 1_000;

/** What somebody wrote was taken, but holds what is to be looked at; look whether it still does. */
export const contentFlagged = defineEvent<Flagged>("content.flagged");

/** What was flagged. */
export interface Flagged {
  targetType: "user" | "tweet" | "comment";
  targetId: string;
}

let known: FilterRecord[] = [];
/** The database that they were read from. */
let readFrom = "";
let readAt = Number.NEGATIVE_INFINITY;
let reading: Promise<void> | undefined;
let changes = 0;

/** Refuses what holds a word that is not taken here. Before the transaction of what it is for. @throws WarbleError CONTENT_REFUSED */
export async function requireAllowedText(...texts: string[]): Promise<void> {
  await refresh();
  if (findIn(texts, "reject")) throw new WarbleError("CONTENT_REFUSED");
}

/** The filter that flags one of these texts, or else the address, by the filters as they are stored now. */
export async function findFlag(texts: string[], email = ""): Promise<FilterRecord | undefined> {
  // Another node may have flagged it by a filter that this one has not read yet.
  forgetRead();
  await refresh();
  return findIn(texts, "flag") ?? filterOf(email);
}

/** Has what somebody wrote reported if a filter flags it, in the transaction that stores it. */
export async function reportFlagged(
  { jobs }: Pick<App, "jobs">,
  target: Flagged,
  texts: string[],
): Promise<void> {
  if (findIn(texts, "flag")) await jobs.emit(contentFlagged, target);
}

/** Refuses addresses of a domain that is not taken here, or of one below it. @throws WarbleError ADDRESS_REFUSED */
export async function requireAllowedAddress(email: string): Promise<void> {
  await refresh();
  if (filterOf(email)?.action === "reject") throw new WarbleError("ADDRESS_REFUSED");
}

/** The filter that an address is caught by, by the filters that were last read: a refusal before a flag. */
export function filterOf(email: string): FilterRecord | undefined {
  const host = domainOf(email.slice(email.lastIndexOf("@") + 1));
  const caught = known.filter(
    ({ kind, key }) => kind === "emailDomain" && (host === key || host.endsWith(`.${key}`)),
  );
  return caught.find(({ action }) => action === "reject") ?? caught[0];
}

function findIn(texts: string[], action: FilterRecord["action"]): FilterRecord | undefined {
  const words = known.filter((filter) => filter.kind === "word" && filter.action === action);
  if (words.length === 0) return undefined;
  const plain = texts.map(plainText);
  return words.find(({ key }) => plain.some((text) => holdsWord(text, key)));
}

/** Reads the filters again when they are not fresh; all who ask meanwhile wait for the same read. */
async function refresh(): Promise<void> {
  if (readFrom === mongoName() && performance.now() - readAt < FRESH_MS) return;
  reading ??= read().finally(() => {
    reading = undefined;
  });
  await reading;
}

async function read(): Promise<void> {
  const [at, before] = [performance.now(), changes];
  const found = await FilterModel.find().sort({ _id: 1 }).lean();
  // Of what was changed meanwhile it may know nothing.
  if (before !== changes) return read();
  known = found;
  readFrom = mongoName();
  readAt = at;
}

const domainOf = (host: string): string => host.toLowerCase();

const keyOf = (kind: FilterKind, value: string): string =>
  kind === "word" ? plainText(value) : domainOf(value);

/** The operator's filters, the latest first. @throws WarbleError BAD_CURSOR */
export function listFilters({ cursor, limit }: PageInput): Promise<Page<Filter>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<FilterRecord, Filter>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (start && oid(start.id));
      return FilterModel.find(before ? { _id: { $lt: before } } : {})
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: async (records) => records.map(showFilter),
    cursorOf: ({ _id }) => encodeCursor({ id: String(_id) }),
  });
}

/**
 * Stores a filter, or changes what it does; in a transaction. @returns also whether that changes anything
 * @throws WarbleError BAD_INPUT when there are too many
 */
export async function storeFilter({
  kind,
  value,
  action,
}: AddFilter): Promise<{ filter: Filter; changed: boolean }> {
  const key = keyOf(kind, value);
  const same = await FilterModel.findOne({ kind, key }).lean();
  const changed = same?.action !== action;
  if (!same && (await FilterModel.countDocuments()) >= LIMITS.filters) throw tooMany();
  const filter: FilterRecord = same
    ? { ...same, action }
    : { _id: newId(), kind, value, key, action, createdAt: now() };
  if (changed) {
    const { _id, ...rest } = filter;
    await FilterModel.updateOne({ _id }, { $set: rest }, { upsert: true });
    afterCommit(forgetRead);
  }
  return { filter: showFilter(filter), changed };
}

const tooMany = (): WarbleError => {
  const message = `There are ${LIMITS.filters} filters, which is all that fit: take one away first.`;
  return new WarbleError("BAD_INPUT", { message, issues: [{ path: ["value"], code: "too_big", message }] });
};

/** Takes a filter away; in a transaction. @returns what it was, if it was there */
export async function removeFilter(id: string): Promise<Filter | null> {
  const filter = await FilterModel.findOneAndDelete({ _id: oid(id) }).lean();
  if (filter) afterCommit(forgetRead);
  return filter && showFilter(filter);
}

/** On this node a change holds at once. */
function forgetRead(): void {
  readAt = Number.NEGATIVE_INFINITY;
  changes += 1;
}

const showFilter = ({ _id, kind, value, action, createdAt }: FilterRecord): Filter => ({
  id: String(_id),
  kind,
  value,
  action,
  createdAt: createdAt.toISOString(),
});
