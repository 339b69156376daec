import { parseText } from "./text";

const MAX_TERMS = 128;
const MAX_TERM_LENGTH = 64;

// Scripts written without spaces between words; a pair of characters stands for a word.
const CJK = String.raw`\p{Script_Extensions=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\p{Script_Extensions=Hangul}`;
const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu;
const CJK_OR_OTHER = new RegExp(`[${CJK}]+|[^${CJK}]+`, "gu");
const IS_CJK = new RegExp(`^[${CJK}]`, "u");

/** The key under which a hashtag is one and the same however its width, case or composition is written. */
export function hashtagKey(tag: string): string {
  return foldText(tag);
}

/** The words under which a text is found, in one spelling: at most 128, each at most 64 characters long. */
export function searchTerms(input: string): string[] {
  const { text, spans } = parseText(input);
  const terms = new Set<string>();
  let rest = "";
  let restFrom = 0;
  for (const span of spans) {
    if (span.type === "hashtag") terms.add(shortened(`#${hashtagKey(span.tag)}`));
    if (span.type !== "url") continue;
    terms.add(shortened(hostOf(span.url)));
    rest += `${text.slice(restFrom, span.start)} `;
    restFrom = span.end;
  }
  for (const [word] of foldText(rest + text.slice(restFrom)).matchAll(WORD)) {
    for (const [part] of word.matchAll(CJK_OR_OTHER)) addWord(terms, part);
    if (terms.size >= MAX_TERMS) break;
  }
  return [...terms].slice(0, MAX_TERMS);
}

function addWord(terms: Set<string>, word: string): void {
  const chars = IS_CJK.test(word) ? [...word] : [];
  if (chars.length < 2) terms.add(shortened(word));
  for (let i = 1; i < chars.length && terms.size < MAX_TERMS; i++) terms.add(`${chars[i - 1]}${chars[i]}`);
}

function hostOf(url: string): string {
  const host = /^https?:\/\/([^/?:]+)/i.exec(url)?.[1] ?? "";
  return foldText(host).replace(/^www\./, "");
}

/** A text in the one spelling in which words, names and phrases are compared. */
export function foldText(text: string): string {
  // Lower case alone does not fold: by way of upper case ẞ, ß and ss become one, and by hand the two small sigmas.
  return text
    .normalize("NFKC")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll("ς", "σ")
    .normalize("NFKC");
}

/** A text as phrases are compared: in one spelling, with single spaces. */
export const phraseText = (text: string): string => foldText(text).replaceAll(/\s+/gu, " ").trim();

function shortened(term: string): string {
  return term.slice(0, MAX_TERM_LENGTH).replace(/[\uD800-\uDBFF]$/, "");
}
