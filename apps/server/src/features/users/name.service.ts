import { foldText } from "@warble/contracts";
import type { SearchKeys } from "./user.model";

const MISSPELT_NAMES = 4;
const HEAD = 7;
/** Longer beginnings are looked up among the names themselves: few share them. */
export const BEGINNING = 6;

/** What a user is found by: username and the words of the display name, what these begin with and are mistyped as. */
export function searchKeysOf(username: string, displayName: string): SearchKeys {
  const words = foldText(displayName).split(/[^\p{L}\p{M}\p{N}]+/u);
  const names = [...new Set([foldText(username), ...words])].filter(Boolean);
  const spellings = new Set(names.slice(0, MISSPELT_NAMES).flatMap(spellingsOf));
  return { names, beginnings: [...new Set(names.flatMap(beginningsOf))], spellings: [...spellings] };
}

function beginningsOf(name: string): string[] {
  const letters = [...name].slice(0, BEGINNING);
  return letters.map((_, end) => letters.slice(0, end + 1).join(""));
}

/** How many wrong letters are forgiven in a word. */
export function typosIn(word: string): number {
  const { length } = [...word];
  if (length < 4) return 0;
  return length < 6 ? 1 : 2;
}

/**
 * The head of a word with each choice of one or two letters left out. Two words that are so many typos apart have
 * one of these in common, so that a few exact look-ups find them among any number of names.
 */
export function spellingsOf(word: string): string[] {
  let last = [[...word].slice(0, HEAD)];
  const all = new Set(last.map((letters) => letters.join("")));
  for (let typo = 0; typo < typosIn(word); typo++) {
    last = last.flatMap((letters) => letters.map((_, gone) => letters.filter((_, at) => at !== gone)));
    for (const letters of last) all.add(letters.join(""));
  }
  return [...all];
}

/** How many letters are wrong, missing, too many, or swapped with the next between two words. */
export function typosBetween(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of a.entries()) {
    const row = [i + 1];
    for (const [j, otherLetter] of b.entries()) {
      const same = letter === otherLetter ? 0 : 1;
      const swapped = i > 0 && j > 0 && letter === b[j - 1] && a[i - 1] === otherLetter;
      row.push(
        Math.min(
          at(row, j) + 1,
          at(last, j + 1) + 1,
          at(last, j) + same,
          swapped ? at(beforeLast, j - 1) + 1 : Infinity,
        ),
      );
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

const at = (row: number[], index: number): number => row[index] ?? Infinity;
