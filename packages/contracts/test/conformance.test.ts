import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { parseText, type TextSpan, weightOf } from "../src/text";

// The suite is not in this repository: see test/conformance.md for how to get and run it.
const directory = process.env.TWITTER_TEXT_CONFORMANCE ?? "";

interface Vector {
  description: string;
  text: string;
  expected: unknown;
}

/** What Warble does differently on purpose: section, the vector's description (* for all), why. */
const SKIPPED: [section: string, description: string, why: string][] = [
  ["mentions_or_lists_with_indices", "*", "a text names no lists"],
  ["replies", "*", "a reply is a comment with a parent, not a text that starts with a name"],
  ["cashtags", "*", "there are no cashtags"],
  ["cashtags_with_indices", "*", "there are no cashtags"],
  ["lists", "*", "a text names no lists"],
  ["tweets", "*", "counts as version 1 did, at most 140; Warble counts as version 3"],
  ["urls", "Extract a t.co URL with a trailing apostrophe", "t.co is Twitter's own shortener"],
  ["urls", "Extract a t.co URL with a trailing hyphen", "t.co is Twitter's own shortener"],
  ["urls", "DO NOT extract URLs with > 40 characters in a t.co slug", "t.co is Twitter's own shortener"],
  [
    "urls_with_indices",
    "Extract t.co URLs skipping trailing characters and adjusting indices correctly",
    "t.co is Twitter's own shortener",
  ],
  [
    "urls",
    "Valid url: port and userinfo",
    "twitter-text's extractor does not link it either: it hides the host",
  ],
  ["urls", "Valid url: ipv4", "twitter-text's extractor does not link it either"],
  ["urls", "Valid url: ipv6", "twitter-text's extractor does not link it either"],
  ["urls", "Valid url: sub delims and question marks", "extraction leaves the + at the end outside the link"],
  [
    "WeightedTweetsCounterTest",
    "Count a mix of single byte single word, and double word unicode characters",
    "version 2 counts the parts of an emoji; the same vector of version 3 is run",
  ],
  [
    "WeightedTweetsCounterTest",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
    "version 2 counts the parts of an emoji; the same vector of version 3 is run",
  ],
];

const isSkipped = (section: string, { description }: Vector) =>
  SKIPPED.some(([name, what]) => name === section && (what === "*" || what === description));

function found(text: string, type: TextSpan["type"]) {
  const parsed = parseText(text);
  const codePoints = (unit: number) => [...parsed.text.slice(0, unit)].length;
  return parsed.spans
    .filter((span) => span.type === type)
    .map((span) => {
      const written = parsed.text.slice(span.start, span.end);
      return {
        value: type === "url" ? written : written.slice(1),
        indices: [codePoints(span.start), codePoints(span.end)],
        isWhole: span.start === 0 && span.end === parsed.text.length,
      };
    });
}

const values = (type: TextSpan["type"]) => (text: string) => found(text, type).map(({ value }) => value);
const withIndices = (type: TextSpan["type"], key: string) => (text: string) =>
  found(text, type).map(({ value, indices }) => ({ [key]: value, indices }));
const isWhole = (type: TextSpan["type"]) => (text: string) => found(text, type)[0]?.isWhole === true;

const weight = (text: string) => weightOf(text);

const EXTRACT: Record<string, (text: string) => unknown> = {
  mentions: values("mention"),
  mentions_with_indices: withIndices("mention", "screen_name"),
  urls: values("url"),
  urls_with_indices: withIndices("url", "url"),
  urls_with_directional_markers: withIndices("url", "url"),
  tco_urls_with_params: values("url"),
  hashtags: values("hashtag"),
  hashtags_from_astral: values("hashtag"),
  hashtags_with_indices: withIndices("hashtag", "hashtag"),
};

const VALIDATE: Record<string, (text: string) => unknown> = {
  usernames: isWhole("mention"),
  hashtags: isWhole("hashtag"),
  urls: isWhole("url"),
  urls_without_protocol: isWhole("url"),
  WeightedTweetsCounterTest: weight,
  WeightedTweetsWithDiscountedEmojiCounterTest: weight,
  UnicodeDirectionalMarkerCounterTest: weight,
};

const vectorsOf = (file: string): [string, Vector][] => {
  if (directory === "") return [];
  const { tests } = JSON.parse(readFileSync(join(directory, file), "utf8"));
  return Object.entries<Vector[]>(tests).flatMap(([section, vectors]) =>
    vectors.map((vector): [string, Vector] => [section, vector]),
  );
};

/** The weight is one field of what the counter's vectors expect; ranges are for cutting text, which Warble does not. */
const expectedOf = ({ expected }: Vector) =>
  typeof expected === "object" && expected !== null && "weightedLength" in expected
    ? expected.weightedLength
    : expected;

describe.skipIf(directory === "").each([
  ["extract.json", EXTRACT],
  ["validate.json", VALIDATE],
] as const)("twitter-text's %s", (file, checks) => {
  const all = vectorsOf(file);
  const applicable = all.filter(([section, vector]) => !isSkipped(section, vector));

  it("has the vectors", () => {
    expect(applicable.length).toBeGreaterThan(70);
  });

  it.each(applicable)("%s: $1.description", (section, vector) => {
    expect(checks[section]?.(vector.text)).toEqual(expectedOf(vector));
  });

  it("would fail where it is skipped", () => {
    const needless = all
      .filter(([section, vector]) => isSkipped(section, vector) && section in checks)
      .filter(([section, vector]) => isDeepStrictEqual(checks[section]?.(vector.text), expectedOf(vector)));
    expect(needless).toEqual([]);
  });
});
