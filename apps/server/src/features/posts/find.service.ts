import { idAt, type ObjectId } from "../../platform/id";
import type { Piece } from "./feed.service";
import { PostModel, postMemory, TERM_INDEX, type TweetRecord } from "./post.model";

/** What tweets are looked for by; all of it must be so. */
export interface TweetQuery {
  /** Every one of these: see `termsOf`. */
  terms: string[];
  /** None of these groups in full. */
  without?: string[][];
  since?: Date[];
  /** Not these moments themselves. */
  until?: Date[];
}

/** Some of the tweets that match, newest first. */
export interface Found {
  tweets: TweetRecord[];
  /** All from here on has been looked at, and there may be more below; null where there is no more. */
  rest: ObjectId | null;
}

/** So much is looked through for one piece, however little of it matches. */
const LOOKED = 1_000;
/** So many terms are compared for the rarest: the longest, which as a rule are rare. */
const COMPARED = 8;

/** The records of these tweets, in any order, deleted ones too; the rules are not applied. */
export async function findTweetsById(ids: ObjectId[]): Promise<TweetRecord[]> {
  const posts = await postMemory.findAll(ids.map(String));
  return posts.filter((post): post is TweetRecord => post.kind === "tweet");
}

/** Finds the next tweets that match; the rules are not applied. */
export type Finder = (piece: Piece) => Promise<Found>;

/**
 * What finds the tweets that match, piece by piece. A piece may have fewer than its `count`, or none, and more may be
 * below: of those that hold the rarest of the terms, a thousand are looked through at once.
 */
export function tweetFinder(query: TweetQuery): Finder {
  const { terms, without = [] } = query;
  const [only] = terms;
  // Nothing is looked through in vain, but for what is deleted.
  if (only && terms.length + without.length === 1)
    return ({ below, count }) => read({ scan: only, range: rangeOf(query, below), count });
  let rarest: Scan | undefined;
  return async ({ below, count }) => {
    const range = rangeOf(query, below);
    const { scan, floor } = await (rarest === undefined ? narrowest(terms, range) : lookAt(rarest, range));
    rarest = scan;
    const looked = floor ? { ...range, $gte: floor } : range;
    const { tweets, rest } = await read({ scan, range: looked, count, filter: butFor(query, scan) });
    return { tweets, rest: rest ?? floor };
  };
}

interface Reading {
  scan: Scan;
  range: Range;
  count: number;
  filter?: object;
}

async function read({ scan, range, count, filter = {} }: Reading): Promise<Found> {
  const tweets = await PostModel.find({ ...where(scan, range), ...filter })
    .hint(indexOf(scan))
    .sort({ _id: -1 })
    .limit(count)
    .lean<TweetRecord[]>();
  const last = tweets.length === count ? tweets.at(-1) : undefined;
  return { tweets: tweets.filter(({ deletedAt }) => deletedAt === null), rest: last?._id ?? null };
}

/** Between which ids. */
interface Range {
  $gte?: ObjectId;
  $lt?: ObjectId;
}

function rangeOf({ since = [], until = [] }: TweetQuery, below: ObjectId | undefined): Range {
  const from = since.map(idAt).sort(byId).at(-1);
  const [to] = [...until.map(idAt), ...(below ? [below] : [])].sort(byId);
  return { ...(from && { $gte: from }), ...(to && { $lt: to }) };
}

const byId = (one: ObjectId, other: ObjectId): number => Buffer.compare(one.id, other.id);

/** The term whose tweets are looked through; null where all are. */
type Scan = string | null;

const where = (scan: Scan, range: Range) => ({
  ...(scan !== null && { terms: scan, kind: "tweet" as const }),
  ...(Object.keys(range).length > 0 && { _id: range }),
});

const indexOf = (scan: Scan) => (scan === null ? ({ _id: 1 } as const) : TERM_INDEX);

/** What is looked through, down to where. */
interface Look {
  scan: Scan;
  /** How much it is, as far as it has been counted. */
  size: number;
  /** The last that has been counted; null where there is no more. */
  floor: ObjectId | null;
}

/** By which term there is the least to look through. */
async function narrowest(terms: string[], range: Range): Promise<Look> {
  const longest = [...terms].sort((a, b) => b.length - a.length).slice(0, COMPARED);
  const looks = await Promise.all((longest.length > 0 ? longest : [null]).map((scan) => lookAt(scan, range)));
  // Of terms with more than is counted, that is the rarest of which so many go back the furthest.
  return looks.reduce((best, each) => (isNarrower(each, best) ? each : best));
}

const isNarrower = (one: Look, other: Look): boolean =>
  one.floor && other.floor ? byId(one.floor, other.floor) < 0 : one.size < other.size;

/** Counts what there is of a term, by the index alone. */
async function lookAt(scan: Scan, range: Range): Promise<Look> {
  const [counted] = await PostModel.aggregate<{ size: number; last: ObjectId }>([
    { $match: where(scan, range) },
    { $sort: { _id: -1 } },
    { $limit: LOOKED },
    { $group: { _id: null, size: { $sum: 1 }, last: { $last: "$_id" } } },
  ]).hint(indexOf(scan));
  const { size, last = null } = counted ?? { size: 0 };
  return { scan, size, floor: size === LOOKED ? last : null };
}

/**
 * What lacks one of the other terms, or holds what it is not to, is left out. Said in this way, the planner cannot take
 * another term's part of the index than was chosen.
 */
function butFor({ terms, without = [] }: TweetQuery, scan: Scan): object {
  const left = [
    ...terms.filter((term) => term !== scan).map((term) => ({ terms: { $ne: term } })),
    ...without.map((group) => ({ terms: { $all: group } })),
  ];
  return { kind: "tweet", deletedAt: null, ...(left.length > 0 && { $nor: left }) };
}
