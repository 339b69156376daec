import { nowMs } from "../../platform/clock";
import { type ObjectId, timeOf } from "../../platform/id";
import { loadCards } from "../users/user.view";
import { dayOf, daysOf, mostUsedOn } from "./hashtag-day.service";
import { latestUses, mostlyWritten, type PeopleOf, peopleOf } from "./hashtag-use.service";
import { leftOf, rankOf, surpriseOf, type Use, useOfDays, WINDOW_MS } from "./surprise.service";
import { BOARD, TrendBoardModel, type TrendRecord } from "./trend.model";

/** So many people make a trend. */
export const FEWEST = 5;

const DAY_MS = 86_400_000;
/** So many of the most used hashtags of today, and of yesterday, are looked at. */
const CANDIDATES = 500;
/** Who stands behind is looked up of so many of the most surprising. */
const LOOKED_UP = 60;
/** So many people of each, in so many of its latest uses. */
const PEOPLE = 20;
const USES = 500;
const SPELLINGS = 20;
const TRENDS = 30;
/** So many of those people are kept with it. */
const KEPT = 10;
/** What is less surprising than this is no trend any more. */
const LEAST = 1;

let underWay: Promise<TrendRecord[]> | null = null;

/** What trends, worked out anew where that was done more than so many seconds ago. */
export async function currentTrends(keptFor: number): Promise<TrendRecord[]> {
  const board = await TrendBoardModel.findById(BOARD).lean();
  if (board && board.at.getTime() > nowMs() - keptFor * 1000) return board.trends;
  // Who asks meanwhile waits for the same. Another node may work it out at once, and comes to the same.
  underWay ??= workOut(board?.trends ?? []).finally(() => {
    underWay = null;
  });
  return underWay;
}

/** Forgets that a user stands behind what trends. */
export async function forgetInTrends(userId: ObjectId): Promise<void> {
  await TrendBoardModel.updateOne({ _id: BOARD }, { $pull: { "trends.$[].userIds": userId } });
}

async function workOut(former: TrendRecord[]): Promise<TrendRecord[]> {
  const at = nowMs();
  const likely = await mostSurprising(former, at);
  const people = await peopleOf(
    likely.map(({ key }) => key),
    { since: new Date(at - DAY_MS), uses: USES, count: PEOPLE },
  );
  const ids = people.flatMap((each) => each.people.map(({ _id }) => _id));
  const cards = await loadCards({ viewer: null }, ids, "feeds");
  const isSeen = (id: ObjectId) => cards.has(String(id));
  const byKey = new Map(people.map((each) => [each.key, each]));
  const trends = likely
    .flatMap((each) => trendOf(each, byKey.get(each.key), { at, isSeen }) ?? [])
    .sort((a, b) => rankOf(b) - rankOf(a))
    .slice(0, TRENDS);
  const uses = await latestUses(
    trends.map(({ key }) => key),
    SPELLINGS,
  );
  for (const trend of trends) {
    const seen = (uses.get(trend.key) ?? []).filter(({ userId }) => isSeen(userId));
    trend.tag = mostlyWritten(trend.key, seen);
  }
  await TrendBoardModel.replaceOne(
    { _id: BOARD },
    { _id: BOARD, at: new Date(at), trends },
    { upsert: true },
  );
  return trends;
}

/** A hashtag that may trend. */
interface Candidate {
  key: string;
  use: Use;
  /** As it trended before. */
  former: TrendRecord | undefined;
}

/** What may trend, by what is counted, whoever stands behind it. */
async function mostSurprising(former: TrendRecord[], at: number): Promise<Candidate[]> {
  const today = dayOf(new Date(at)).day;
  const yesterday = dayOf(new Date(at - DAY_MS)).day;
  const used = await mostUsedOn([today, yesterday], CANDIDATES);
  const byKey = new Map(former.map((each) => [each.key, each]));
  const days = await daysOf([...new Set([...used, ...byKey.keys()])], 3);
  const candidates = [...days].map(([key, last]) => ({
    key,
    use: useOfDays(last, at),
    former: byKey.get(key),
  }));
  const worth = ({ use, former: one }: Candidate) => Math.max(surpriseOf(use), one ? leftOf(one, at) : 0);
  return candidates.sort((a, b) => worth(b) - worth(a)).slice(0, LOOKED_UP);
}

/** The trend that a hashtag is, if enough people stand behind it whom everybody may see. */
function trendOf(
  { key, use, former }: Candidate,
  found: PeopleOf | undefined,
  { at, isSeen }: { at: number; isSeen: (id: ObjectId) => boolean },
): TrendRecord | null {
  const people = found?.people ?? [];
  const seen = people.filter(({ _id }) => isSeen(_id));
  if (!found || seen.length < FEWEST) return null;
  const isAll = people.length < PEOPLE && people.reduce((sum, { uses }) => sum + uses, 0) < USES;
  const recent = seen.filter(({ last }) => timeOf(last) >= at - WINDOW_MS);
  // Of those that are not all looked up, as large a part is taken for hidden as of those that are.
  const observed = isAll ? recent.length : (use.observed * seen.length) / people.length;
  const peak = observed < FEWEST ? 0 : surpriseOf({ ...use, observed });
  const left = former ? leftOf(former, at) : 0;
  if (Math.max(peak, left) < LEAST) return null;
  return {
    _id: found._id,
    key,
    tag: key,
    ...(former && left > peak
      ? { peak: former.peak, peakAt: former.peakAt }
      : { peak, peakAt: new Date(at) }),
    accounts: Math.round(observed),
    userIds: seen.slice(0, KEPT).map(({ _id }) => _id),
  };
}
