import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseText, weightOf } from "../src/text";
import { hashtagKey, searchTerms } from "../src/text.search";

const PIECES = [
  ..."@＠#＃./:?()-_~+&!'\" \n\u200C\u200D\uFE0F\u20E3\u0301\u202A\uFEFF\uFFFF\uD83D\uDE00·・é字あ한İıßς",
  ..."0a",
  "https://",
  "http://",
  "example.com",
  "a.co",
  ".com",
  ".みんな",
  "xn--",
  "@alice",
  "#tag",
  "rt",
  "👩‍👩‍👧‍👦",
  "🇩🇪",
  "👍🏽",
  "e\u0301",
  "가",
  "ﷺ",
];

const text = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join("")),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: "binary" }),
);
const runs = { numRuns: 3000 };

describe("whatever the text", () => {
  it("spans are sorted, do not overlap, and cover what they say", () => {
    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseText(input);
        let end = 0;
        for (const span of parsed.spans) {
          expect(span.start).toBeGreaterThanOrEqual(end);
          expect(span.end).toBeGreaterThan(span.start);
          end = span.end;
          const written = parsed.text.slice(span.start, span.end);
          if (span.type === "mention") expect(written).toMatch(new RegExp(`^[@＠]${span.username}$`));
          if (span.type === "hashtag") expect(written.slice(1)).toBe(span.tag);
          if (span.type === "url") expect([written, `https://${written}`]).toContain(span.url);
        }
        expect(end).toBeLessThanOrEqual(parsed.text.length);
      }),
      runs,
    );
  });

  it("parsing what was parsed changes nothing, and composition does not matter", () => {
    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseText(input);
        expect(parsed.text).toBe(input.normalize("NFC"));
        expect(parseText(parsed.text)).toEqual(parsed);
        expect(parseText(input.normalize("NFD"))).toEqual(parsed);
      }),
      runs,
    );
  });

  it("bytes are those an encoder makes, and weight has its bounds", () => {
    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseText(input);
        expect(parsed.bytes).toBe(new TextEncoder().encode(parsed.text).length);
        expect(parsed.weight).toBe(weightOf(input));
        const urls = parsed.spans.filter((span) => span.type === "url").length;
        expect(parsed.weight).toBeLessThanOrEqual(2 * [...parsed.text].length + 23 * urls);
        expect(parsed.weight === 0).toBe(input === "");
      }),
      runs,
    );
  });

  it("a hashtag's key is its own key, and lies under its search terms", () => {
    fc.assert(
      fc.property(text, (input) => {
        expect(hashtagKey(hashtagKey(input))).toBe(hashtagKey(input));
        const terms = searchTerms(input);
        for (const span of parseText(input).spans) {
          if (span.type === "hashtag") expect(terms).toContain(`#${hashtagKey(span.tag)}`.slice(0, 64));
        }
      }),
      runs,
    );
  });

  it("search terms are unique, few, short, and folded", () => {
    fc.assert(
      fc.property(text, (input) => {
        const terms = searchTerms(input);
        expect(new Set(terms).size).toBe(terms.length);
        expect(terms.length).toBeLessThanOrEqual(128);
        for (const term of terms) {
          expect(term.length).toBeGreaterThan(0);
          expect(term.length).toBeLessThanOrEqual(64);
        }
      }),
      runs,
    );
  });
});

const CHARS = "字あいうえおかきくけこさしすせそたちつてとなにぬねの";

describe("a flood takes linear time", () => {
  it.each([
    "a.",
    "a.b_",
    "a.co.",
    "@a",
    "@a.co ",
    ".@a.co",
    "#",
    "#a",
    "＃字",
    "http://",
    "https://a.",
    "https://a.co/(",
    "https://a.co/(a(",
    "https://a.co/!",
    "a.co/!a.co!",
    "a.coé",
    "https://a.co?",
    `https://${CHARS}.`,
    `${CHARS}.com`,
    "👍\u200D",
    "👍🏽",
    "🇩",
    "\u0301",
    "e\u0301",
    "-",
    "(",
    "rt@a",
    "\uD83D",
    "ﷺ",
    "İ",
  ])("of %j", (piece) => {
    const flood = piece.repeat(Math.ceil(100_000 / piece.length));
    const started = process.cpuUsage();
    parseText(flood);
    searchTerms(flood);
    // A hundred kilobytes: quadratic time would be many seconds. The time of this process, whatever else runs.
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000);
  });
});
