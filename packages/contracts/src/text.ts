import { isHostAt, LATIN_ACCENTS, type UrlSpan, urlSpans } from "./text.urls";

export type { UrlSpan } from "./text.urls";

export interface MentionSpan {
  type: "mention";
  start: number;
  end: number;
  /** Without the @. */
  username: string;
}

export interface HashtagSpan {
  type: "hashtag";
  start: number;
  end: number;
  /** As written, without the #. */
  tag: string;
}

export type TextSpan = MentionSpan | HashtagSpan | UrlSpan;

export interface ParsedText {
  /** The text in Unicode form NFC: what to store, and what the offsets count in. */
  text: string;
  /** Weighted length, as twitter-text v3 counts it. */
  weight: number;
  /** Length in UTF-8. */
  bytes: number;
  /** Sorted and not overlapping; `start` and `end` are UTF-16 units of `text`. */
  spans: TextSpan[];
}

const URL_WEIGHT = 23;
const MAX_USERNAME = 15;
const MAX_TAG_GRAPHEMES = 64;

const MENTION = /[@＠]([a-zA-Z0-9_]+)/g;
const BAD_BEFORE_MENTION = /[a-zA-Z0-9_!#$%&*@＠/]/;
const RETWEET_BEFORE = /(?:^|[^a-zA-Z0-9_+~.-])rt$/i;
const MAYBE_EMAIL = new RegExp(`[a-z0-9.+~'${LATIN_ACCENTS}-]`, "i");
const BAD_AFTER_MENTION = new RegExp(`^(?:[@＠${LATIN_ACCENTS}]|://)`);

// twitter-text's joiners: underscore, ZWNJ, ZWJ, Hebrew and Tibetan marks, wave dashes, kana marks, middle dots.
const TAG_CHAR = String.raw`\p{L}\p{M}\p{Nd}_\u200C\u200D\uA67E\u05BE\u05F3\u05F4\uFF5E\u301C\u309B\u309C\u30A0\u30FB\u3003\u0F0B\u0F0C\xB7`;
const HASHTAG = new RegExp(String.raw`[#＃](?!\uFE0F|\u20E3)([${TAG_CHAR}]+)`, "gu");
const BAD_BEFORE_HASHTAG = new RegExp(`[${TAG_CHAR}&]$`, "u");
const NOT_A_GRAPHEME = /[\p{M}\u200C\u200D]/gu;

const PICTURE = String.raw`[^\P{Extended_Pictographic}\xA9\xAE][\uFE0F\p{Emoji_Modifier}]{0,2}(?:[\u{E0020}-\u{E007E}]{1,6}\u{E007F})?`;
// The longest sequences have four pictures; without a bound one could hide a whole text in a single "emoji".
const EMOJI = new RegExp(
  String.raw`\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|[\xA9\xAE]\uFE0F|${PICTURE}(?:\u200D${PICTURE}){0,3}`,
  "gu",
);
const ONE_EMOJI = new RegExp(`^(?:${EMOJI.source})$`, "u");
const ANY_CHAR_OF_WEIGHT_2 = "\u3000";

/** Reads the mentions, hashtags and links of a text and measures it: the same on the server and in the SDK. */
export function parseText(input: string): ParsedText {
  const text = input.normalize("NFC");
  const spans = withoutOverlaps([...urlSpans(text), ...mentionSpans(text), ...hashtagSpans(text)]);
  return { text, weight: weigh(text, spans), bytes: utf8Length(text), spans };
}

/** Whether a text is one emoji and nothing else. */
export const isEmoji = (text: string): boolean => ONE_EMOJI.test(text);

/** The weighted length of a text: most letters count 1, CJK and emoji 2, every link 23. */
export function weightOf(input: string): number {
  return parseText(input).weight;
}

function withoutOverlaps(spans: TextSpan[]): TextSpan[] {
  let end = 0;
  return spans
    .sort((a, b) => a.start - b.start)
    .filter((span) => {
      const free = span.start >= end;
      if (free) end = span.end;
      return free;
    });
}

function mentionSpans(text: string): MentionSpan[] {
  const spans: MentionSpan[] = [];
  for (const match of text.matchAll(MENTION)) {
    const [{ length }, username = ""] = match;
    const start = match.index;
    const end = start + length;
    if (username.length > MAX_USERNAME || BAD_AFTER_MENTION.test(text.slice(end, end + 3))) continue;
    const before = text.slice(Math.max(0, start - 3), start);
    if (BAD_BEFORE_MENTION.test(before.slice(-1)) && !RETWEET_BEFORE.test(before)) continue;
    if (MAYBE_EMAIL.test(before.slice(-1)) && isHostAt(text, start + 1)) continue;
    spans.push({ type: "mention", start, end, username });
  }
  return spans;
}

function hashtagSpans(text: string): HashtagSpan[] {
  const spans: HashtagSpan[] = [];
  for (const match of text.matchAll(HASHTAG)) {
    const [{ length }, tag = ""] = match;
    const start = match.index;
    const end = start + length;
    if (!/\p{L}/u.test(tag) || graphemes(tag) > MAX_TAG_GRAPHEMES) continue;
    const before = text.slice(Math.max(0, start - 2), start);
    if (BAD_BEFORE_HASHTAG.test(before) && !/[\uFE0E\uFE0F]$/.test(before)) continue;
    if (/^(?:[#＃]|:\/\/)/.test(text.slice(end, end + 3))) continue;
    spans.push({ type: "hashtag", start, end, tag });
  }
  return spans;
}

// Not Intl.Segmenter, which some SDK runtimes lack: client and server must agree.
function graphemes(tag: string): number {
  return [...tag.replace(NOT_A_GRAPHEME, "")].length;
}

function weigh(text: string, spans: TextSpan[]): number {
  let weight = 0;
  let plainFrom = 0;
  for (const span of spans) {
    if (span.type !== "url") continue;
    weight += plainWeight(text.slice(plainFrom, span.start)) + URL_WEIGHT;
    plainFrom = span.end;
  }
  return weight + plainWeight(text.slice(plainFrom));
}

function plainWeight(text: string): number {
  let weight = 0;
  for (const char of text.replace(EMOJI, ANY_CHAR_OF_WEIGHT_2)) {
    const point = char.codePointAt(0) ?? 0;
    const light =
      point <= 4351 ||
      (point >= 8192 && point <= 8205) ||
      (point >= 8208 && point <= 8223) ||
      (point >= 8242 && point <= 8247);
    weight += light ? 1 : 2;
  }
  return weight;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
