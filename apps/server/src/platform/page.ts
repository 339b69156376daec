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

interface Paging<Row, Item> {
  limit: number;
  /** So many more are read at once, where some are always hidden. */
  spare?: number;
  /** Reads up to `count` rows in order, those after `last`, or the first ones. */
  read: (last: Row | undefined, count: number) => Promise<Row[]>;
  /** Turns rows into what is shown, in order; what the viewer may not see comes back as null. */
  show: (rows: Row[]) => Promise<(Item | null)[]>;
  /** Where the list goes on behind this row. */
  cursorOf: (row: Row) => string;
}

/**
 * Fills one page: reads a little more than asked for, drops what the rules hide, and reads on until the page is
 * full, the list has ended, or ten rounds have passed. There is a next cursor only where there is more to read.
 */
export async function fillPage<Row, Item>({
  limit,
  spare = 0,
  read,
  show,
  cursorOf,
}: Paging<Row, Item>): Promise<Page<Item>> {
  const asked = limit + spare + 1;
  const items: Item[] = [];
  let last: Row | undefined;
  for (let round = 0; round < REFILLS; round++) {
    const rows = await read(last, asked);
    const shown = await show(rows.slice(0, asked - 1));
    for (const [index, item] of shown.entries()) {
      last = rows[index];
      if (item !== null) items.push(item);
      if (items.length < limit) continue;
      const more = index + 1 < rows.length;
      return { items, nextCursor: more && last ? cursorOf(last) : null };
    }
    if (rows.length < asked) return { items, nextCursor: null };
  }
  return { items, nextCursor: last ? cursorOf(last) : null };
}
