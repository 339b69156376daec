import { phraseText, type SearchTweets, searchTerms, Time } from "@warble/contracts";
import { z } from "zod";

/** What tweets must hold, or must not. */
export interface Traits {
  /** Groups of words and tags, in the spelling of the index. */
  terms: string[][];
  /** Texts, as `phraseText` makes them. */
  phrases: string[];
  /** The names of those who wrote them. */
  from: string[];
  /** The names of those whom they mention. */
  to: string[];
}

/** What a person looks for; no name in it has been looked up. */
export interface ReadQuery {
  wanted: Traits;
  unwanted: Traits;
  since: Date[];
  until: Date[];
  /** Whether anything was asked for, be it what no tweet can hold. */
  asks: boolean;
}

const TOKEN = /(-?)(?:"([^"]*)"?|(\S+))/gu;
const OPERATOR = /^(from|to|since|until):(.+)$/isu;
const MENTION = /^[@＠]([A-Za-z0-9_]+)$/u;
const Moment = z.union([z.iso.date(), Time]);

/** Reads a search. What is no operator that we know, or makes no sense in one, is text. */
export function readQuery(input: Omit<SearchTweets, "cursor" | "limit" | "sort">): ReadQuery {
  const { query, from, to, since, until } = input;
  const read: ReadQuery = {
    wanted: { terms: [], phrases: [], from: from ? [from] : [], to: to ? [to] : [] },
    unwanted: { terms: [], phrases: [], from: [], to: [] },
    since: since ? [new Date(since)] : [],
    until: until ? [new Date(until)] : [],
    asks: Boolean(from || to || since || until),
  };
  for (const [, minus, phrase, word = ""] of query.matchAll(TOKEN)) {
    const traits = minus ? read.unwanted : read.wanted;
    if (!minus) read.asks = true;
    if (phrase !== undefined) readPhrase(traits, phrase, !minus);
    else if (minus || !readMoment(read, word)) readWord(traits, word);
  }
  return read;
}

function readPhrase(traits: Traits, phrase: string, byWords: boolean): void {
  const text = phraseText(phrase);
  if (text) traits.phrases.push(text);
  if (byWords) traits.terms.push(searchTerms(phrase));
}

function readMoment(read: ReadQuery, word: string): boolean {
  const [, name, value] = OPERATOR.exec(word) ?? [];
  const key = name?.toLowerCase();
  const moment = Moment.safeParse(value);
  if (!moment.success || (key !== "since" && key !== "until")) return false;
  read[key].push(new Date(moment.data));
  return true;
}

function readWord(traits: Traits, word: string): void {
  const [, name, value = ""] = OPERATOR.exec(word) ?? [];
  const key = name?.toLowerCase();
  const mentioned = MENTION.exec(word)?.[1];
  if (mentioned) traits.to.push(mentioned);
  else if (key === "from" || key === "to") traits[key].push(value.replace(/^[@＠]/u, ""));
  else traits.terms.push(searchTerms(word));
}
