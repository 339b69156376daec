import { describe, expect, test } from "vitest";
import { z } from "zod";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "./page";

const rows = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Pages through a list of numbers, of which some are shown. */
function list(all: number[], isShown: (row: number) => boolean = () => true) {
  const reads: number[] = [];
  const page = (limit: number, from = 0) =>
    fillPage<number, string>({
      limit,
      read: async (last, count) => {
        reads.push(count);
        return all.filter((row) => row > (last ?? from)).slice(0, count);
      },
      show: async (some) => some.map((row) => (isShown(row) ? `row ${row}` : null)),
      cursorOf: String,
    });
  const everything = async (limit: number) => {
    const seen: string[] = [];
    for (let cursor: string | null = "0"; cursor !== null; ) {
      const { items, nextCursor }: { items: string[]; nextCursor: string | null } = await page(
        limit,
        Number(cursor),
      );
      seen.push(...items);
      cursor = nextCursor;
    }
    return seen;
  };
  return { page, everything, reads };
}

describe("fillPage", () => {
  test("a page ends where it is full, and says where the next begins", async () => {
    expect(await list(rows(5)).page(2)).toEqual({ items: ["row 1", "row 2"], nextCursor: "2" });
    expect(await list(rows(5)).page(2, 2)).toEqual({ items: ["row 3", "row 4"], nextCursor: "4" });
    expect(await list(rows(5)).page(2, 4)).toEqual({ items: ["row 5"], nextCursor: null });
  });

  test("a list that ends with the page has no next cursor", async () => {
    expect(await list(rows(4)).page(2, 2)).toEqual({ items: ["row 3", "row 4"], nextCursor: null });
    expect(await list([]).page(2)).toEqual({ items: [], nextCursor: null });
  });

  test("what is looked through in pieces goes on behind the last piece, and ends where nothing is left", async () => {
    const page = (last: number | undefined, end: number, rounds = 3) =>
      fillPage<number, string>({
        limit: 3,
        rounds,
        read: async (after = last ?? 0) => ({
          rows: [after + 10].filter((row) => row % 20 === 0),
          rest: after + 10 < end ? after + 10 : null,
        }),
        show: async (some) => some.map(String),
        cursorOf: String,
      });
    expect(await page(undefined, 1000)).toEqual({ items: ["20"], nextCursor: "30" });
    expect(await page(30, 1000)).toEqual({ items: ["40", "60"], nextCursor: "60" });
    expect(await page(30, 60)).toEqual({ items: ["40", "60"], nextCursor: null });
    expect(await page(undefined, 1000, 1)).toEqual({ items: [], nextCursor: "10" });
    expect(await page(0, 1000, 6)).toEqual({ items: ["20", "40", "60"], nextCursor: "60" });
    expect(await page(0, 60, 6)).toEqual({ items: ["20", "40", "60"], nextCursor: null });
  });

  test("one read fills a page when nothing is hidden", async () => {
    const { page, reads } = list(rows(100));
    await page(10);
    expect(reads).toEqual([11]);
  });

  test("a page that the rules emptied is filled with what comes after", async () => {
    const { page, reads } = list(rows(100), (row) => row % 4 === 0);
    expect(await page(5)).toEqual({
      items: ["row 4", "row 8", "row 12", "row 16", "row 20"],
      nextCursor: "20",
    });
    expect(reads).toHaveLength(4);
  });

  test("what is hidden at the end of a full page is not skipped over, nor shown twice", async () => {
    for (const limit of [1, 2, 3, 7, 50]) {
      const shown = list(rows(50), (row) => row % 3 === 0);
      expect(await shown.everything(limit)).toEqual(rows(16).map((index) => `row ${index * 3}`));
    }
  });

  test("after ten rounds it answers what it has, and goes on from there", async () => {
    const { page, reads } = list(rows(1_000), (row) => row === 1_000);
    const { items, nextCursor } = await page(10);
    expect([items, nextCursor, reads.length]).toEqual([[], "100", 10]);
    expect(await list(rows(1_000), (row) => row === 1_000).everything(10)).toEqual(["row 1000"]);
  });

  test("a list that is hidden whole ends", async () => {
    expect(await list(rows(50), () => false).page(20)).toEqual({ items: [], nextCursor: null });
  });
});

describe("cursors", () => {
  const Position = z.strictObject({ at: z.int(), id: z.string() });

  test("a cursor comes back as it was made, and none is none", () => {
    const position = { at: 17, id: "x" };
    expect(decodeCursor(encodeCursor(position), Position)).toEqual(position);
    expect(decodeCursor(undefined, Position)).toBeUndefined();
    expect(encodeCursor(position)).toMatch(/^[\w-]+$/);
  });

  test.each([
    "x",
    "",
    "\0",
    "null",
    encodeCursor([]),
    encodeCursor({}),
    encodeCursor({ id: { $gt: "" } }),
    encodeCursor({ id: "x" }),
    encodeCursor({ id: "01a20adb55f80000dee331a3", more: 1 }),
    Buffer.from('{"__proto__":{"id":"01a20adb55f80000dee331a3"}}').toString("base64url"),
    Buffer.from('{"id":"01a20adb55f80000dee331a3"').toString("base64url"),
    Buffer.from("[".repeat(150)).toString("base64url"),
  ])("%s is no cursor of a list by id", (cursor) => {
    expect(() => decodeCursor(cursor, IdCursor)).toThrow(expect.objectContaining({ reason: "BAD_CURSOR" }));
  });
});
