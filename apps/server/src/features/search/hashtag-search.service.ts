import {
  foldText,
  type Hashtag,
  type HashtagDay,
  Id,
  type Page,
  type SearchHashtags,
} from "@warble/contracts";
import { z } from "zod";
import { nowMs } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { oid } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { loadCards } from "../users/user.view";
import { HashtagModel, type HashtagRecord, type HashtagUseRecord } from "./hashtag.model";
import { beginningOf, type DayOfUse, latestUses, usesByDay } from "./hashtag-use.service";

const DAY_MS = 86_400_000;
const DAYS = 7;
const SAMPLE = 20;
const LAST = "\u{10ffff}";

const HashtagCursor = z.strictObject({ uses: z.int().min(0), id: Id });
type HashtagCursor = z.infer<typeof HashtagCursor>;

/** Hashtags by how they begin, the most used first. @throws WarbleError BAD_CURSOR */
export async function searchHashtags(
  ctx: Pick<Context, "viewer">,
  { query, cursor, limit }: SearchHashtags,
): Promise<Page<Hashtag>> {
  const start = decodeCursor(cursor, HashtagCursor);
  const beginning = foldText(query).replace(/^#/u, "");
  if (!beginning) return { items: [], nextCursor: null };
  return fillPage<HashtagRecord, Hashtag>({
    limit,
    read: (last, count) => readHashtags(beginning, last ? positionOf(last) : start, count),
    show: (hashtags) => showHashtags(ctx, hashtags),
    cursorOf: (hashtag) => encodeCursor(positionOf(hashtag)),
  });
}

const positionOf = ({ uses, _id }: HashtagRecord): HashtagCursor => ({ uses, id: String(_id) });

const readHashtags = (
  beginning: string,
  after: HashtagCursor | undefined,
  count: number,
): Promise<HashtagRecord[]> =>
  HashtagModel.find({
    beginnings: beginningOf(beginning),
    uses: { $gt: 0, ...(after && { $lte: after.uses }) },
    key: { $gte: beginning, $lt: beginning + LAST },
    ...(after && { $or: [{ uses: { $lt: after.uses } }, { _id: { $gt: oid(after.id) } }] }),
  })
    .sort({ uses: -1, _id: 1 })
    .limit(count)
    .lean();

/** A hashtag that only people stand behind whom the viewer may not see is hidden with what they wrote. */
async function showHashtags(
  ctx: Pick<Context, "viewer">,
  hashtags: HashtagRecord[],
): Promise<(Hashtag | null)[]> {
  if (hashtags.length === 0) return [];
  const keys = hashtags.map(({ key }) => key);
  const days = lastDays();
  const [latest, history] = await Promise.all([latestUses(keys, SAMPLE), usesByDay(keys, days.at(-1) ?? "")]);
  const cards = await loadCards(
    ctx,
    [...latest.values()].flat().map((use) => use.userId),
    "feeds",
  );
  return hashtags.map(({ key, uses }) => {
    const sample = latest.get(key) ?? [];
    const visible = sample.filter((use) => cards.has(String(use.userId)));
    if (visible.length === 0 && sample.length < SAMPLE) return null;
    return {
      tag: mostlyWritten(key, visible),
      uses,
      history: days.map((day) => dayOf(history, key, day)),
    };
  });
}

const lastDays = (): string[] =>
  Array.from({ length: DAYS }, (_, ago) => new Date(nowMs() - ago * DAY_MS).toISOString().slice(0, 10));

function dayOf(history: DayOfUse[], key: string, day: string): HashtagDay {
  const found = history.find((each) => each.key === key && each.day === day);
  return { day, uses: found?.uses ?? 0, accounts: found?.accounts ?? 0 };
}

function mostlyWritten(key: string, uses: HashtagUseRecord[]): string {
  const counts = new Map<string, number>();
  for (const { tags } of uses) {
    const tag = tags.find((each) => each.key === key)?.tag;
    if (tag) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  const [[tag] = [key]] = [...counts].sort((a, b) => b[1] - a[1]);
  return tag;
}
