import { hashtagKey, parseText } from "@warble/contracts";
import type { AccountRecord } from "../../src/features/auth/account.service";
import type { SessionRecord } from "../../src/features/auth/session.model";
import { termsOf } from "../../src/features/posts/content.service";
import type { EntryRecord } from "../../src/features/posts/entry.model";
import type { LikeRecord } from "../../src/features/posts/like.model";
import type { TweetRecord } from "../../src/features/posts/post.model";
import type { EdgeRecord } from "../../src/features/relationships/edge.model";
import type {
  HashtagDayRecord,
  HashtagRecord,
  HashtagUseRecord,
} from "../../src/features/search/hashtag.model";
import { dayOf } from "../../src/features/search/hashtag-day.service";
import { beginningOf } from "../../src/features/search/hashtag-use.service";
import { searchKeysOf } from "../../src/features/users/name.service";
import type { UserRecord } from "../../src/features/users/user.model";
import { type Crowd, idOf } from "./crowd";
import { Random } from "./random";
import { nameOf, sentenceOf, wordOf } from "./words";

const DAY_MS = 24 * 60 * 60_000;
const TAGS = 500;
/** One tweet in so many has a hashtag, and one mentions somebody. */
const TAGGED = 8;
const MENTIONING = 16;

/** Everybody, with what they sign in with and one session each, whose id is theirs. */
export function* usersOf(crowd: Crowd): Generator<UserRecord> {
  for (let person = 0; person < crowd.size; person++) {
    const [username, displayName] = [crowd.username(person), nameOf(person)];
    yield {
      _id: crowd.userId(person),
      username,
      usernameKey: username,
      displayName,
      bio: sentenceOf(new Random(person, 9)),
      avatarUrl: null,
      bannerUrl: null,
      location: "",
      website: null,
      protected: false,
      messagesFrom: "everyone",
      showPresence: true,
      role: "user",
      emailVerified: true,
      suspension: null,
      deactivatedAt: null,
      deletedAt: null,
      counts: {
        followers: crowd.followers[person] ?? 0,
        following: crowd.follows[person]?.length ?? 0,
        tweets: crowd.tweetsOf(person),
      },
      ...searchKeysOf(username, displayName),
      createdAt: new Date(crowd.joinedAt(person)),
    };
  }
}

export function* accountsOf(crowd: Crowd, passwordHash: string): Generator<AccountRecord> {
  for (let person = 0; person < crowd.size; person++) {
    const email = `${crowd.username(person)}@example.com`;
    yield {
      _id: crowd.userId(person),
      email,
      emailKey: email,
      emailVerified: true,
      passwordHash,
      createdAt: new Date(crowd.joinedAt(person)),
      signedInAt: null,
      sessionsEndedAt: null,
      factorsChangedAt: null,
    };
  }
}

export function* sessionsOf(crowd: Crowd): Generator<SessionRecord> {
  const at = new Date();
  for (let person = 0; person < crowd.size; person++) {
    const userId = crowd.userId(person);
    yield {
      _id: userId,
      userId,
      device: "",
      network: "127.0.0.1",
      userAgent: "",
      createdAt: at,
      lastUsedAt: at,
      expiresAt: new Date(at.getTime() + 30 * DAY_MS),
      authenticatedAt: at,
      seed: "none",
      generation: 0,
      rotatedAt: at,
      revokedAt: null,
    };
  }
}

export function* edgesOf(crowd: Crowd): Generator<EdgeRecord> {
  let edge = 0;
  for (const [person, followees] of crowd.follows.entries()) {
    const fromId = crowd.userId(person);
    for (const followee of followees) {
      const _id = idOf(crowd.followedAt(edge), edge++);
      yield { _id, kind: "follow", fromId, toId: crowd.userId(followee), until: null, only: null };
    }
  }
}

export function* tweetsOf(crowd: Crowd): Generator<TweetRecord> {
  for (let tweet = 0; tweet < crowd.tweets; tweet++) yield tweetOf(crowd, tweet);
}

function tweetOf(crowd: Crowd, tweet: number): TweetRecord {
  const authorId = crowd.userId(crowd.authorOf(tweet));
  const content = contentOf(crowd, tweet);
  const entities = isPlain(tweet)
    ? []
    : parseText(content).spans.map((span) =>
        span.type === "mention" ? { ...span, userId: String(crowd.userId(mentionedIn(crowd, tweet))) } : span,
      );
  return {
    _id: crowd.tweetId(tweet),
    kind: "tweet",
    authorId,
    content,
    entities,
    terms: termsOf({ authorId, content, entities }),
    counts: { likes: crowd.likesOf[tweet] ?? 0, retweets: crowd.retweetsOf[tweet] ?? 0, replies: 0 },
    version: 0,
    createdAt: new Date(crowd.tweetedAt(tweet)),
    editedAt: null,
    deletedAt: null,
    removedAt: null,
  };
}

const isTagged = (tweet: number): boolean => tweet % TAGGED === 0;
const isMentioning = (tweet: number): boolean => tweet % MENTIONING === 1;
const isPlain = (tweet: number): boolean => !isTagged(tweet) && !isMentioning(tweet);

const mentionedIn = (crowd: Crowd, tweet: number): number =>
  new Random(crowd.spec.seed, tweet, 4).below(crowd.size);
const tagIn = (crowd: Crowd, tweet: number): string =>
  wordOf(Math.floor(TAGS * new Random(crowd.spec.seed, tweet, 6).next() ** 3));

/** What a tweet of this number says. */
export function contentOf(crowd: Crowd, tweet: number): string {
  const said = sentenceOf(new Random(crowd.spec.seed, tweet, 3));
  if (isTagged(tweet)) return `${said} #${tagIn(crowd, tweet)}`;
  return isMentioning(tweet) ? `@${crowd.username(mentionedIn(crowd, tweet))} ${said}` : said;
}

/** Each tweet on its author's timeline, and then the retweets. */
export function* entriesOf(crowd: Crowd): Generator<EntryRecord> {
  for (let tweet = 0; tweet < crowd.tweets; tweet++) {
    const _id = crowd.tweetId(tweet);
    yield { _id, actorId: crowd.userId(crowd.authorOf(tweet)), tweetId: _id, kind: "tweet" };
  }
  for (const { person, tweet, _id } of reactionsOf(crowd, crowd.retweets)) {
    yield { _id, actorId: crowd.userId(person), tweetId: crowd.tweetId(tweet), kind: "retweet" };
  }
}

export function* likesOf(crowd: Crowd): Generator<LikeRecord> {
  for (const { person, tweet, _id } of reactionsOf(crowd, crowd.likes)) {
    yield { _id, userId: crowd.userId(person), postId: crowd.tweetId(tweet), kind: "tweet" };
  }
}

function* reactionsOf(crowd: Crowd, reactions: Int32Array[]) {
  let number = 0;
  for (const [person, tweets] of reactions.entries()) {
    for (const tweet of tweets) yield { person, tweet, _id: idOf(crowd.reactedAt(tweet, person), number++) };
  }
}

export function* hashtagUsesOf(crowd: Crowd): Generator<HashtagUseRecord> {
  for (let tweet = 0; tweet < crowd.tweets; tweet += TAGGED) {
    const tag = tagIn(crowd, tweet);
    yield {
      _id: crowd.tweetId(tweet),
      userId: crowd.userId(crowd.authorOf(tweet)),
      ...dayOf(new Date(crowd.tweetedAt(tweet))),
      tags: [{ key: hashtagKey(tag), tag }],
      version: 0,
      counted: 1,
    };
  }
}

export function* hashtagsOf(crowd: Crowd): Generator<HashtagRecord> {
  const uses = new Map<string, number>();
  for (let tweet = 0; tweet < crowd.tweets; tweet += TAGGED) {
    const key = hashtagKey(tagIn(crowd, tweet));
    uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  let number = 0;
  for (const [key, count] of uses) {
    const letters = [...beginningOf(key)];
    const beginnings = letters.map((_, end) => letters.slice(0, end + 1).join(""));
    yield { _id: idOf(crowd.tweetedAt(0), number++), key, beginnings, uses: count };
  }
}

export function* hashtagDaysOf(crowd: Crowd): Generator<HashtagDayRecord> {
  const days = new Map<string, HashtagUseRecord[]>();
  for (const use of hashtagUsesOf(crowd)) {
    const key = `${use.day} ${use.tags[0]?.key}`;
    const others = days.get(key);
    if (others) others.push(use);
    else days.set(key, [use]);
  }
  let number = 0;
  for (const uses of days.values()) {
    const [{ day, tags }] = uses as [HashtagUseRecord];
    const people = (some: HashtagUseRecord[]) => new Set(some.map(({ userId }) => String(userId))).size;
    const blocks = [...new Set(uses.map(({ hour }) => hour))];
    const hours = Object.fromEntries(
      blocks.map((hour) => [hour, people(uses.filter((use) => use.hour === hour))]),
    );
    const _id = idOf(crowd.tweetedAt(0), number++);
    yield { _id, key: tags[0]?.key ?? "", day, uses: uses.length, accounts: people(uses), hours };
  }
}
