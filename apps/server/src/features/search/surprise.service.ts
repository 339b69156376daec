import { BLOCK_HOURS, type Day, dayOf } from "./hashtag-day.service";

/** What is observed is what was in the last four hours. */
export const WINDOW_MS = BLOCK_HOURS * 3_600_000;
/** As many blocks as a day has. */
const BLOCKS = 24 / BLOCK_HOURS;
const HALF_LIFE_MS = 4 * 3_600_000;

/** How many people used a hashtag in the last four hours, and in four hours of the day before, on average. */
export interface Use {
  observed: number;
  expected: number;
}

/**
 * Works out the use of a hashtag from its days. Four hours that end now lie in two of those that are counted: of the
 * earlier ones, as large a part counts as lies in them.
 */
export function useOfDays(days: Day[], at: number): Use {
  const block = Math.floor(at / WINDOW_MS);
  const isOver = at / WINDOW_MS - block;
  const accounts = (ago: number): number => {
    const { day, hour } = dayOf(new Date((block - ago) * WINDOW_MS));
    return days.find((each) => each.day === day)?.hours[hour] ?? 0;
  };
  const observed = accounts(0) + accounts(1) * (1 - isOver);
  const before = Array.from(
    { length: BLOCKS },
    (_, ago) => accounts(ago + 1) * isOver + accounts(ago + 2) * (1 - isOver),
  );
  return { observed, expected: before.reduce((sum, each) => sum + each, 0) / BLOCKS };
}

/** How surprising a use is: 0 where it is no more than was expected. */
export function surpriseOf({ observed, expected }: Use): number {
  const usual = Math.max(1, expected);
  return observed > usual ? (observed - usual) ** 2 / usual : 0;
}

/** What is left of a surprise. */
export const leftOf = ({ peak, peakAt }: { peak: number; peakAt: Date }, at: number): number =>
  peak * 2 ** (-Math.max(0, at - peakAt.getTime()) / HALF_LIFE_MS);

/** Trends in this order stand in the order of what is left of them, at any moment: all lose the same part in the same time. */
export const rankOf = ({ peak, peakAt }: { peak: number; peakAt: Date }): number =>
  Math.log2(peak) + peakAt.getTime() / HALF_LIFE_MS;
