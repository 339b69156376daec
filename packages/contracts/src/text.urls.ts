import { tldEnd } from "./text.tlds";

export interface UrlSpan {
  type: "url";
  start: number;
  end: number;
  /** As written, with https:// in front where the scheme is missing. */
  url: string;
}

// Character classes as twitter-text has them, so that a text gets the same links and the same length.
export const LATIN_ACCENTS = String.raw`\xC0-\xD6\xD8-\xF6\xF8-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289\u028B\u02BB\u0300-\u036F\u1E00-\u1EFF`;
const NOT_IN_DOMAIN = String.raw`\x00-,./:-@[-^\x60{-\x7F\s\x85\u061C\u180E\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF`;
const PATH_CHAR = String.raw`[a-z0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&\u0400-\u04FF${LATIN_ACCENTS}]`;

const SCHEME = /https?:\/\//gi;
const BAD_BEFORE_SCHEME = /[a-z0-9@＠$#＃\uFEFF\uFFFE\uFFFF]/i;
const BARE_HOST = new RegExp(`[a-z0-9_.${LATIN_ACCENTS}-]+`, "gi");
const BAD_BEFORE_BARE = /[a-z0-9@＠$#＃/\uFEFF\uFFFE\uFFFF]/i;
const ANY_LABEL = new RegExp(`[^${NOT_IN_DOMAIN}]+`, "y");
const BARE_LABEL = new RegExp(`[a-z0-9_${LATIN_ACCENTS}-]+`, "iy");
const PORT = /:[0-9]+/y;
const PATH_RUN = new RegExp(`${PATH_CHAR}+`, "iy");
const PATH_END = new RegExp(`[a-z0-9=_#/+\\-\\u0400-\\u04FF${LATIN_ACCENTS}]`, "i");
const BALANCED = new RegExp(`\\((?:${PATH_CHAR}+|${PATH_CHAR}*\\(${PATH_CHAR}+\\)${PATH_CHAR}*)\\)`, "iy");
const QUERY_RUN = /\?[a-z0-9!?*'@();:&=+$/%#[\]\-_.,~|]+/iy;
const QUERY_END = /[a-z0-9\-_&=#/]/i;

/** Every link of a text, in two linear passes: those with a scheme, then bare domains. The two may overlap. */
export function urlSpans(text: string): UrlSpan[] {
  const withScheme = scan(text, SCHEME, (start, scheme) =>
    BAD_BEFORE_SCHEME.test(text.charAt(start - 1)) ? 0 : hostEnd(text, start + scheme.length, ANY_LABEL),
  );
  const bare = scan(text, BARE_HOST, (start, run) =>
    /^[-_.]/.test(run) || BAD_BEFORE_BARE.test(text.charAt(start - 1)) ? 0 : hostEnd(text, start, BARE_LABEL),
  );
  return [
    ...withScheme.map((span) => ({ ...span, url: text.slice(span.start, span.end) })),
    ...bare.map((span) => ({ ...span, url: `https://${text.slice(span.start, span.end)}` })),
  ];
}

function scan(text: string, pattern: RegExp, hostEndOf: (start: number, match: string) => number) {
  const spans: { type: "url"; start: number; end: number }[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const host = hostEndOf(match.index, match[0]);
    if (host === 0) continue;
    const end = tailEnd(text, host);
    spans.push({ type: "url", start: match.index, end });
    pattern.lastIndex = end;
  }
  return spans;
}

/** Whether a bare host with a known top-level domain starts at `position`. */
export function isHostAt(text: string, position: number): boolean {
  return hostEnd(text, position, BARE_LABEL) > 0;
}

/** Where the host that starts at `from` ends, or 0 if there is none; `labels` says which characters it may hold. */
function hostEnd(text: string, from: number, labels: RegExp): number {
  let known = 0;
  let wellFormed = 0;
  let mayEnd = false;
  let position = from;
  for (;;) {
    if (mayEnd) known = tldEnd(text, position) || known;
    const end = matchEnd(labels, text, position);
    const label = text.slice(position, end);
    if (!isLabel(label)) break;
    if (mayEnd && /^[a-z]{2,63}$/i.test(label) && !/[@+]/.test(text.charAt(end))) wellFormed = end;
    if (text.charAt(end) !== ".") break;
    mayEnd = !label.includes("_");
    position = end + 1;
  }
  return known || (labels === ANY_LABEL ? wellFormed : 0);
}

function isLabel(label: string): boolean {
  if (!/^[^_-](?:.*[^_-])?$/s.test(label)) return false;
  if (!/[^\0-\x7F]/.test(label)) return label.length <= 63;
  return label.length <= 126 && !/^xn--/i.test(label) && punycodeLength(label) <= 63;
}

/** The length of a label as DNS carries it (RFC 3492), its "xn--" included. */
function punycodeLength(label: string): number {
  const points = Array.from(label, (char) => char.codePointAt(0) ?? 0);
  const basic = points.filter((point) => point < 128).length;
  let length = 4 + basic + (basic > 0 ? 1 : 0);
  let [next, delta, bias, handled] = [128, 0, 72, basic];
  while (handled < points.length) {
    const lowest = Math.min(...points.filter((point) => point >= next));
    delta += (lowest - next) * (handled + 1);
    next = lowest;
    for (const point of points) {
      if (point < next) delta++;
      if (point !== next) continue;
      length += digitCount(delta, bias);
      handled++;
      bias = adapt(Math.floor(delta / (handled - 1 === basic ? 700 : 2)), handled);
      delta = 0;
    }
    delta++;
    next++;
  }
  return length;
}

function digitCount(delta: number, bias: number): number {
  let count = 1;
  let rest = delta;
  for (let base = 36; ; base += 36) {
    const threshold = Math.min(26, Math.max(1, base - bias));
    if (rest < threshold) return count;
    rest = Math.floor((rest - threshold) / (36 - threshold));
    count++;
  }
}

function adapt(damped: number, handled: number): number {
  let delta = damped + Math.floor(damped / handled);
  let base = 0;
  for (; delta > 455; base += 36) delta = Math.floor(delta / 35);
  return base + Math.floor((36 * delta) / (delta + 38));
}

/** Where port, path and query end after a host. */
function tailEnd(text: string, host: number): number {
  let end = matchEnd(PORT, text, host);
  if (text.charAt(end) === "/") end = pathEnd(text, end + 1);
  return end + lengthUpTo(QUERY_END, text.slice(end, matchEnd(QUERY_RUN, text, end)));
}

function pathEnd(text: string, from: number): number {
  let end = from;
  let position = from;
  for (;;) {
    const run = matchEnd(PATH_RUN, text, position);
    end = Math.max(end, position + lengthUpTo(PATH_END, text.slice(position, run)));
    position = matchEnd(BALANCED, text, run);
    if (position === run) return end;
    end = position;
  }
}

function matchEnd(sticky: RegExp, text: string, position: number): number {
  sticky.lastIndex = position;
  return sticky.test(text) ? sticky.lastIndex : position;
}

/** The length of `run` without what trails after the last character that may end it. */
function lengthUpTo(last: RegExp, run: string): number {
  let length = run.length;
  while (length > 0 && !last.test(run.charAt(length - 1))) length--;
  return length;
}
