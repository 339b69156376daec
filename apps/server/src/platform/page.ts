import type { Page } from "@warble/contracts";
import { z } from "zod";
import { WarbleError } from "./error";

const REFILLS = 10;

/** Makes an opaque cursor of a position in a list. */
export const encodeCursor = (position: object): string =>
  Buffer.from(JSON.stringify(position)).toString("base64url");

/**
 * Reads a cursor back.
 * @param schema what the list puts into its cursors; anything else was made up
 * @throws WarbleError BAD_CURSOR
 */
export function decodeCursor<T>(cursor: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw new WarbleError("BAD_CURSOR");
  }
}

/** The cursor of a list that is ordered by id alone. */
export const IdCursor = z.strictObject({ id: z.string().regex(/^[0-9a-f]{24}$/) });

/** Some rows of a list that is looked through in pieces. */
interface Part<Row, Place> {
  rows: Row[];
  /** Where to read on although there are fewer rows than were asked for; null where the list has ended. */
  rest: Place | null;
}

interface Paging<Row extends Place, Item, Place> {
  limit: number;
  /** So many more are read at once, where some are always hidden. */
  spare?: number;
  /** So often is read for one page. */
  rounds?: number;
  /** Reads up to `count` rows in order, those after `last`, or the first ones; with fewer the list has ended. */
  read: (last: Place | undefined, count: number) => Promise<Row[] | Part<Row, Place>>;
  /** Turns rows into what is shown, in order; what the viewer may not see comes back as null. */
  show: (rows: Row[]) => Promise<(Item | null)[]>;
  /** Where the list goes on behind this row. */
  cursorOf: (row: Place) => string;
}

/** Reads a list that is there as a whole, in pieces. */
export const inMemory =
  <Row>(rows: Row[]) =>
  async (last: Row | undefined, count: number): Promise<Row[]> => {
    const next = last === undefined ? 0 : rows.indexOf(last) + 1;
    return rows.slice(next, next + count);
  };

/**
 * Fills one page: reads a little more than asked for, drops what the rules hide, and reads on until the page is
 * full, the list has ended, or all rounds (ten) have passed. There is a next cursor only where there is more to read.
 */
export async function fillPage<Row extends Place, Item, Place = Row>({
  limit,
  spare = 0,
  rounds = REFILLS,
  read,
  show,
  cursorOf,
}: Paging<Row, Item, Place>): Promise<Page<Item>> {
  const asked = limit + spare + 1;
  const items: Item[] = [];
  let last: Place | undefined;
  for (let round = 0; round < rounds; round++) {
    const part = await read(last, asked);
    const { rows, rest } = Array.isArray(part) ? { rows: part, rest: null } : part;
    const shown = await show(rows.slice(0, asked - 1));
    for (const [index, item] of shown.entries()) {
      last = rows[index];
      if (item !== null) items.push(item);
      if (items.length < limit) continue;
      const more = index + 1 < rows.length || rest;
      return { items, nextCursor: more && last ? cursorOf(last) : null };
    }
    if (rows.length === asked) continue;
    if (!rest) return { items, nextCursor: null };
    last = rest;
  }
  return { items, nextCursor: last ? cursorOf(last) : null };
}
