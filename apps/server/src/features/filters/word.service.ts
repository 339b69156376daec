import { foldText } from "@warble/contracts";

const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const IN_WORD = /[\p{L}\p{M}\p{N}]/u;
// Written without spaces between words, or with more than a word between them: there, whatever is found is taken for one.
const UNSPACED =
  /[\p{Script_Extensions=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\p{Script_Extensions=Hangul}\p{Script_Extensions=Thai}\p{Script_Extensions=Lao}\p{Script_Extensions=Khmer}\p{Script_Extensions=Myanmar}]/u;

/** A text in the one spelling in which words are looked for: no case, no width, nothing that is not seen, single spaces. */
export const plainText = (text: string): string =>
  foldText(text.replaceAll(UNSEEN, "")).replaceAll(/\s+/gu, " ").trim();

/** Whether a text holds a word or phrase as such, not as a part of a longer word. Both are plain. */
export function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const end = at + word.length;
    if (isEdge(before(text, at), after(text, at)) && isEdge(before(text, end), after(text, end))) return true;
  }
  return false;
}

/** Whether a word may begin or end between two characters. */
const isEdge = (left: string, right: string): boolean =>
  !IN_WORD.test(left) || !IN_WORD.test(right) || UNSPACED.test(left) || UNSPACED.test(right);

const before = (text: string, at: number): string => [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? "";
const after = (text: string, at: number): string => [...text.slice(at, at + 2)][0] ?? "";
