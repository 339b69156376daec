import mongoose from "mongoose";
import type { ObjectId } from "../../src/platform/id";
import { mix, Random } from "./random";

/** How many people there are, and what they have done. */
export interface CrowdSpec {
  /** They follow each other, and are followed by a power law. */
  people: number;
  follows: number;
  tweets: number;
  retweets: number;
  likes: number;
  /** They follow nobody but stars, and have tweeted once, before all others. */
  quiet: number;
  /** For each a person who follows nobody and has so many followers. */
  stars: number[];
  /** For each a person who follows so many, and whom nobody follows. */
  keen: number[];
  /** The same crowd comes of the same seed. */
  seed: number;
}

const DAY_MS = 24 * 60 * 60_000;
/** When they came, made friends, and began to tweet. */
const DAYS_AGO = { joined: 90, followed: 60, tweeted: 30 };

type Numbers = Int32Array | Uint32Array;

/**
 * A crowd as it will be stored: people and tweets are numbers here, and everything else about them follows from these.
 * People come first, then the quiet, the stars and the keen. Tweets are numbered as they came.
 */
export class Crowd {
  readonly spec: CrowdSpec;
  readonly size: number;
  readonly tweets: number;
  /** Whom each follows. */
  readonly follows: Int32Array[];
  readonly followers: Uint32Array;
  /** Which tweets each has retweeted or liked. */
  readonly retweets: Int32Array[];
  readonly likes: Int32Array[];
  readonly retweetsOf: Uint32Array;
  readonly likesOf: Uint32Array;
  readonly #endMs: number;

  /** @param endMs when everything has happened, on the database's clock */
  constructor(spec: CrowdSpec, endMs: number) {
    const { people, quiet, stars, keen } = spec;
    this.spec = spec;
    this.#endMs = endMs;
    this.size = people + quiet + stars.length + keen.length;
    this.tweets = quiet + people * spec.tweets;
    this.follows = this.#drawFollows();
    this.followers = countIn(this.follows, this.size);
    this.retweets = this.follows.map((_, person) => this.#drawTweets(person, spec.retweets, 1));
    this.likes = this.follows.map((_, person) => this.#drawTweets(person, spec.likes, 2));
    this.retweetsOf = countIn(this.retweets, this.tweets);
    this.likesOf = countIn(this.likes, this.tweets);
  }

  userId(person: number): ObjectId {
    return idOf(this.joinedAt(person), person);
  }

  tweetId(tweet: number): ObjectId {
    return idOf(this.tweetedAt(tweet), tweet);
  }

  username(person: number): string {
    return `person${person}`;
  }

  joinedAt(person: number): number {
    return this.#moment(DAYS_AGO.joined, DAYS_AGO.followed, person / this.size);
  }

  followedAt(edge: number): number {
    return this.#moment(DAYS_AGO.followed, DAYS_AGO.tweeted, (mix(edge, 3) % 1e6) / 1e6);
  }

  tweetedAt(tweet: number): number {
    return this.#moment(DAYS_AGO.tweeted, 0, tweet / this.tweets);
  }

  /** A moment after a tweet. */
  reactedAt(tweet: number, person: number): number {
    const tweetedAt = this.tweetedAt(tweet);
    return Math.floor(tweetedAt + ((this.#endMs - tweetedAt) * (mix(tweet, person) % 1e6)) / 1e6);
  }

  authorOf(tweet: number): number {
    const { people, quiet } = this.spec;
    return tweet < quiet ? people + tweet : (tweet - quiet) % people;
  }

  tweetsOf(person: number): number {
    const { people, quiet, tweets } = this.spec;
    return person < people ? tweets : person < people + quiet ? 1 : 0;
  }

  /** The number of the star or keen person who has or follows so many. @throws where there is none */
  star(followers: number): number {
    return this.#special(this.spec.stars, followers, this.spec.people + this.spec.quiet);
  }

  keen(follows: number): number {
    return this.#special(this.spec.keen, follows, this.size - this.spec.keen.length);
  }

  /** So many people who follow and tweet, evenly spread from the most followed to the least. */
  readers(count: number): number[] {
    const { people } = this.spec;
    const readers = Math.min(count, people);
    return Array.from({ length: readers }, (_, index) => Math.floor((index * people) / readers));
  }

  #special(all: number[], wanted: number, start: number): number {
    const index = all.indexOf(wanted);
    if (index < 0) throw new Error(`nobody in this crowd stands for ${wanted}; it has ${all.join()}`);
    return start + index;
  }

  #drawFollows(): Int32Array[] {
    const { people, quiet, stars, keen, follows, seed } = this.spec;
    const others = people + quiet;
    const all: Int32Array[] = [];
    for (let person = 0; person < others; person++) {
      const random = new Random(seed, person);
      const friends = person < people ? random.someBelow(people, { size: follows, without: person }) : [];
      // The last ones follow stars first: the quiet, and then those whom few follow.
      const famous = stars.flatMap((count, star) => (person >= others - count ? others + star : []));
      all.push(Int32Array.from([...friends, ...famous]));
    }
    for (const _ of stars) all.push(new Int32Array());
    // Spread evenly, so that each keen person's home is as busy as it is full.
    for (const count of keen)
      all.push(Int32Array.from({ length: count }, (_, index) => Math.floor((index * others) / count)));
    return all;
  }

  /** Different tweets of those whom a person follows. */
  #drawTweets(person: number, size: number, use: number): Int32Array {
    const { people, quiet, tweets, seed } = this.spec;
    const random = new Random(seed, person, use);
    const friends = (this.follows[person] ?? []).filter((friend) => friend < people);
    const some = new Set<number>();
    if (person >= people || friends.length === 0) return new Int32Array();
    while (some.size < Math.min(size, (friends.length * tweets) / 2)) {
      const friend = friends[random.below(friends.length)] ?? 0;
      some.add(quiet + random.below(tweets) * people + friend);
    }
    return Int32Array.from(some);
  }

  #moment(fromDays: number, toDays: number, share: number): number {
    return Math.floor(this.#endMs - DAY_MS * (fromDays + (toDays - fromDays) * share));
  }
}

/** An id of the product's form that is always the same. */
export function idOf(ms: number, n: number): ObjectId {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt16BE(n & 0xffff, 6);
  bytes.writeUInt32BE(mix(n, 5), 8);
  return new mongoose.Types.ObjectId(bytes);
}

function countIn(lists: Numbers[], size: number): Uint32Array {
  const counts = new Uint32Array(size);
  for (const list of lists) for (const each of list) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}
