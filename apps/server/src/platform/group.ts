import { toWarbleError } from "./error";
import { inTurn } from "./turn";

const MOST = 64;
const GROUPS_AT_ONCE = 2;

interface GroupWork<Item, Result> {
  /** The turns that an item has to wait for. */
  turnsOf: (item: Item) => string[];
  /** Does what these items ask for, in one transaction of its own; the results are in their order. */
  write: (items: Item[]) => Promise<Result[]>;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Has those who ask while others are being served share the next transaction: so a busy server commits less often than
 * it is asked to, and an idle one serves each at once. Where one of them is refused, each is served by itself.
 */
export function inGroups<Item, Result>(work: GroupWork<Item, Result>): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  const start = (): void => {
    if (running >= GROUPS_AT_ONCE || waiting.length === 0) return;
    running++;
    void serve(work, waiting.splice(0, MOST)).then(() => {
      running--;
      start();
    });
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // Who asks in the same turn of the event loop comes along.
      setImmediate(start);
    });
}

async function serve<Item, Result>(
  work: GroupWork<Item, Result>,
  group: Waiting<Item, Result>[],
): Promise<void> {
  const items = group.map(({ item }) => item);
  try {
    const turns = [...new Set(items.flatMap(work.turnsOf))];
    const results = await inTurn(turns, () => work.write(items));
    for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
  } catch (error) {
    if (group.length > 1 && isOfOne(error)) for (const each of group) await serve(work, [each]);
    else for (const { reject } of group) reject(error);
  }
}

/** Whether an error may be about one item: the database being away is about all. */
const isOfOne = (error: unknown): boolean => toWarbleError(error).reason !== "UNAVAILABLE";
