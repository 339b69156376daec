import { nowMs } from "../../platform/clock";
import { newId, type ObjectId } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import {
  type DayCounts,
  HashtagDayModel,
  type HashtagDayRecord,
  HashtagUseModel,
  type HashtagUseRecord,
} from "./hashtag.model";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** People are counted anew in each so many hours. */
export const BLOCK_HOURS = 4;

/** The day of a moment, and the four hours of it. */
export function dayOf(at: Date): Pick<HashtagUseRecord, "day" | "hour"> {
  const hours = at.getUTCHours();
  return { day: at.toISOString().slice(0, 10), hour: hours - (hours % BLOCK_HOURS) };
}

/** How much a hashtag was used on a day; all 0 where it was not. */
export type Day = DayCounts & Pick<HashtagDayRecord, "day">;

/** The hashtags of a post that are to be counted, or are no longer. */
interface Moved extends Pick<HashtagUseRecord, "_id" | "userId" | "day" | "hour"> {
  keys: string[];
}

/**
 * Counts hashtags of a post on its day, in the transaction that stores its use. Who has used one elsewhere on that day, or
 * in those hours, is counted already: two who look so at once conflict in the day that both write.
 */
export async function moveDays({ _id, userId, day, hour, keys }: Moved, by: 1 | -1): Promise<void> {
  if (keys.length === 0) return;
  const others = await HashtagUseModel.find(
    { userId, day, _id: { $ne: _id }, "tags.key": { $in: keys } },
    { tags: 1, hour: 1 },
  )
    .hint({ userId: 1, day: 1 })
    .lean();
  for (const key of keys) {
    const same = others.filter(({ tags }) => tags.some((tag) => tag.key === key));
    const isFirst = same.length === 0;
    const isFirstInHours = !same.some((other) => other.hour === hour);
    const $inc = { uses: by, accounts: isFirst ? by : 0, [`hours.${hour}`]: isFirstInHours ? by : 0 };
    await HashtagDayModel.updateOne(
      { key, day },
      { $inc, $setOnInsert: { _id: newId() } },
      { upsert: by > 0 },
    );
  }
}

/** The last days of these hashtags, each newest first and none left out. */
export async function daysOf(keys: string[], count: number): Promise<Map<string, Day[]>> {
  const days = Array.from({ length: count }, (_, ago) => dayOf(new Date(nowMs() - ago * DAY_MS)).day);
  const found = await HashtagDayModel.find({ key: { $in: keys }, day: { $in: days } })
    .hint({ key: 1, day: -1 })
    .lean();
  const byDay = new Map(found.map((each) => [`${each.day} ${each.key}`, each]));
  const none = { uses: 0, accounts: 0, hours: {} };
  return new Map(keys.map((key) => [key, days.map((day) => byDay.get(`${day} ${key}`) ?? { ...none, day })]));
}

/** The hashtags that were used by the most people on these days, at most `count` of each day. */
export async function mostUsedOn(days: string[], count: number): Promise<string[]> {
  const found = await Promise.all(
    days.map((day) => HashtagDayModel.find({ day }, { key: 1 }).sort({ accounts: -1 }).limit(count).lean()),
  );
  return found.flat().map(({ key }) => key);
}

/** Counts again what a day of a hashtag is to tell. */
export async function recountDay(id: ObjectId): Promise<void> {
  const found = await HashtagDayModel.findById(id).lean();
  if (found) await recount(found);
}

/** Counts again the days on which the hashtags of this use were used. */
export async function recountDaysOf(id: ObjectId): Promise<void> {
  const use = await HashtagUseModel.findById(id).lean();
  for (const { key } of use?.tags ?? []) if (use) await recount({ key, day: use.day });
}

const recount = ({ key, day }: Pick<HashtagDayRecord, "key" | "day">): Promise<void> =>
  transaction(async () => {
    const uses = await HashtagUseModel.find({ "tags.key": key, day }, { userId: 1, hour: 1 }).lean();
    const hours: DayCounts["hours"] = {};
    for (const hour of new Set(uses.map((use) => use.hour)))
      hours[hour] = peopleIn(uses.filter((use) => use.hour === hour));
    await HashtagDayModel.updateOne(
      { key, day },
      { $set: { uses: uses.length, accounts: peopleIn(uses), hours }, $setOnInsert: { _id: newId() } },
      { upsert: true },
    );
  });

const peopleIn = (uses: { userId: ObjectId }[]): number =>
  new Set(uses.map((use) => String(use.userId))).size;
