import { expect, it } from "vitest";
import { found, LINES, missing } from "./lines";
import { MEASURES } from "./measures/measures";
import { pageOf } from "./page";
import { isMet, type Line, percentile, stateOf, tableOf } from "./report";

const line: Line = { id: "P1", what: "pages", unit: "/s", value: 30, against: 40 };

it("holds a value or its ratio against a bound", () => {
  expect(isMet(line)).toBeUndefined();
  expect(isMet({ ...line, target: { of: "ratio", atLeast: 0.75 } })).toBe(true);
  expect(isMet({ ...line, target: { of: "ratio", atLeast: 0.76 } })).toBe(false);
  expect(isMet({ ...line, target: { of: "value", atMost: 29 } })).toBe(false);
  expect(isMet({ ...line, value: Number.NaN, target: { of: "value", atMost: 29 } })).toBe(false);
});

it("says of what was not measured why, and meets nothing by it", () => {
  const unmeasured = missing(LINES.stored.many, "needs more");
  expect(isMet(unmeasured)).toBeUndefined();
  expect(stateOf(unmeasured)).toBe("not measured");
  expect(unmeasured.what).toContain("1,000,000 tweets");
});

it("says when less was done than the line asks for", () => {
  const { likes } = LINES;
  expect(found(likes.one, { value: 1, against: 1, done: "500 likes" }).note).toBe(
    "the line asks for 10,000 likes",
  );
  expect(found(likes.one, { value: 1, against: 1, done: "10,000 likes" }).note).toBeUndefined();
});

it("has a line for every measure of the list, and somebody who measures it", () => {
  const ids = new Set(Object.values(LINES).flatMap((each) => Object.values(each).map(({ id }) => id)));
  expect(ids).toEqual(new Set(Array.from({ length: 16 }, (_, index) => `P${index + 1}`)));
  expect(Object.keys(MEASURES)).toEqual(Object.keys(LINES));
});

it("takes the figure that so many per cent do not exceed", () => {
  const figures = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(percentile(figures, 99)).toBe(198);
  expect(percentile(Float64Array.from(figures), 50)).toBe(100);
  expect(percentile([], 50)).toBeNaN();
});

it("sets a table's columns under each other", () => {
  expect(tableOf(["a", "b"], [["long", "1"]])).toBe("a     b\nlong  1");
});

it("makes a page that needs nothing else and takes no text for markup", () => {
  const page = pageOf({
    size: "small",
    at: "2026-01-31T12:00:00.000Z",
    seconds: 100,
    cores: 2,
    node: "v20",
    lines: [{ ...line, what: "<b>pages</b>" }],
    charts: [
      {
        title: "grows",
        x: "tweets",
        y: "ms",
        series: [
          {
            name: "p50",
            points: [
              [10, 1],
              [1_000, 2],
            ],
          },
        ],
      },
    ],
    costs: [{ what: "one", roundTrips: 2, keys: 3, docs: 4, written: 5, bytes: 6, cpu: 7 }],
    profiles: [{ of: "01-server", seconds: 12.34, parts: [["<anonymous>", 51.23]] }],
  });
  expect(page).toContain("01-server</b>, 12.3 s: &lt;anonymous&gt; 51.2 %");
  expect(page).toContain("&lt;b&gt;pages&lt;/b&gt;");
  expect(page).toMatch(/<polyline[^>]+points="[\d.,]+ [\d.,]+"/);
  expect(page).not.toMatch(/<script|src=|href=|url\(|NaN/);
});
