import type { Flag } from "@warble/contracts";
import { changeAccount, findAccount } from "../../src/features/auth/account.service";
import { oid } from "../../src/platform/id";
import type { Caller, TestApp } from "../harness";
import { PASSWORD } from "../http";

export type Surface = "profile" | "lists" | "people" | "news" | "posts" | "feeds";

export interface Person {
  id: string;
  name: string;
  caller: Caller;
  suspended: boolean;
  /** They have deactivated their account. */
  away: boolean;
  /** They have deleted their account. */
  gone: boolean;
  protected: boolean;
}

/** Nobody sees somebody who is shut out or has left, and they do nothing. */
export const isOut = ({ suspended, away, gone }: Person): boolean => suspended || away || gone;

/** A tweet, or a comment of one. */
export interface Post {
  id: string;
  author: Person;
  content: string;
  deleted: boolean;
  /** A moderator took it away, and can bring it back. */
  removed: boolean;
  /** Several moderators may have done so at once: who was the last is not known. */
  moderated: boolean;
  likes: Set<Person>;
  /** Of a comment. */
  tweet: Post | null;
  /** What it answers: a comment's parent, or its tweet. */
  answers: Post | null;
  hidden: boolean;
  children: Post[];
}

/** Somebody put a tweet on their timeline. */
interface Entry {
  actor: Person;
  tweet: Post;
  kind: "tweet" | "retweet";
}

/** With whoever has ever been in it. */
interface Conversation {
  id: string;
  members: Set<Person>;
}

/** The reports on something, which are told apart by its id. */
interface Case {
  id: string;
  targetId: string;
  author: Person | null;
  /** Null of a user or a message. */
  post: Post | null;
  /** There is nothing to take away of a user. */
  isUser: boolean;
  resolved: boolean;
}

export interface Strike {
  id: string;
  action: "warn" | "remove" | "suspend";
  person: Person | null;
  post: Post | null;
  revoked: boolean;
  appeal: "pending" | "decided" | null;
}

/** What people have decided about each other; the latest comes last. */
class Edges {
  readonly #all = new Map<string, [Person, Person]>();
  readonly #keyOf = (from: Person, to: Person) => `${from.id} ${to.id}`;

  has = (from: Person, to: Person): boolean => this.#all.has(this.#keyOf(from, to));
  delete = (from: Person, to: Person): boolean => this.#all.delete(this.#keyOf(from, to));
  clear = (): void => this.#all.clear();
  forget(person: Person): void {
    for (const [key, pair] of this.#all) if (pair.includes(person)) this.#all.delete(key);
  }
  add(from: Person, to: Person): void {
    if (!this.has(from, to)) this.#all.set(this.#keyOf(from, to), [from, to]);
  }
  from = (person: Person): Person[] =>
    [...this.#all.values()].filter(([a]) => a === person).map(([, b]) => b);
  to = (person: Person): Person[] => [...this.#all.values()].filter(([, b]) => b === person).map(([a]) => a);
}

/** What texts hold, and people mute. */
export const WORDS = ["#tag0", "#tag1", "#tag2"];

/** What a handful of people did, as small as it can be said, and what each of them may see of it. */
export class World {
  readonly follows = new Edges();
  readonly blocks = new Edges();
  /** Who has asked to follow whom. */
  readonly requests = new Edges();
  readonly mutes = new Edges();
  /** Whose retweets alone are muted. */
  readonly retweetMutes = new Edges();
  /** Who mutes what is said about a tweet, with the tweet. */
  readonly threadMutes = new Set<string>();
  /** By who mutes a word, and the word, the mute of it. */
  readonly wordMutes = new Map<string, string>();
  readonly tweets: Post[] = [];
  readonly comments: Post[] = [];
  /** The latest comes last. */
  entries: Entry[] = [];
  readonly conversations: Conversation[] = [];
  readonly messages: { id: string; sender: Person; place: Conversation }[] = [];
  readonly cases: Case[] = [];
  strikes: Strike[] = [];
  readonly app: TestApp;
  readonly people: Person[];
  /** Who suspends, and sees everybody. */
  readonly admin: Caller;
  readonly #newPerson: () => Promise<Person>;
  #texts = 0;

  constructor(
    app: TestApp,
    { people, admin, newPerson }: Pick<World, "people" | "admin"> & { newPerson: () => Promise<Person> },
  ) {
    this.app = app;
    this.people = people;
    this.admin = admin;
    this.#newPerson = newPerson;
  }

  /** Somebody whom nobody has met before. */
  newPerson = (): Promise<Person> => this.#newPerson();

  /** A text that nobody has written yet. */
  text = (): string => `text ${++this.#texts} ${WORDS[this.#texts % WORDS.length]}`;

  write(post: Pick<Post, "id" | "author" | "content">, answers: Post | null = null): void {
    const tweet = answers?.tweet ?? answers;
    const written = {
      ...post,
      deleted: false,
      removed: false,
      moderated: false,
      likes: new Set<Person>(),
      hidden: false,
      children: [],
    };
    const all: Post = { ...written, tweet, answers };
    answers?.children.push(all);
    if (answers) this.comments.push(all);
    else {
      this.tweets.push(all);
      this.entries.push({ actor: post.author, tweet: all, kind: "tweet" });
    }
  }

  remove(post: Post): void {
    Object.assign(post, { deleted: true, removed: false });
    this.entries = this.entries.filter(({ tweet }) => tweet !== post);
  }

  /** What is taken down keeps its likes, its retweets and its place on timelines, for it may come back. */
  takeDown(post: Post): void {
    Object.assign(post, { deleted: true, removed: true, moderated: true });
  }

  /** What its author has deleted meanwhile does not come back. */
  restore(post: Post): void {
    if (!post.removed || post.author.gone) return;
    Object.assign(post, { deleted: false, removed: false });
    for (const strike of this.strikes)
      if (strike.post === post && strike.action === "remove") strike.revoked = true;
  }

  suspend(person: Person, suspended: boolean): void {
    person.suspended = suspended;
    for (const strike of this.strikes)
      if (strike.person === person && strike.action === "suspend") strike.revoked = true;
  }

  /** Somebody deletes their account, and somebody new comes in their place. */
  replace(me: Person, heir: Person): void {
    me.gone = true;
    for (const post of [...this.tweets, ...this.comments]) {
      if (post.author === me) this.remove(post);
      post.likes.delete(me);
    }
    this.entries = this.entries.filter(({ actor }) => actor !== me);
    for (const edges of [this.follows, this.blocks, this.requests, this.mutes, this.retweetMutes])
      edges.forget(me);
    this.strikes = this.strikes.filter(({ person }) => person !== me);
    this.people[this.people.indexOf(me)] = heir;
  }

  hasRetweeted = (actor: Person, tweet: Post): boolean =>
    this.entries.some((each) => each.tweet === tweet && each.actor === actor && each.kind === "retweet");

  retweet(actor: Person, tweet: Post): void {
    if (!this.hasRetweeted(actor, tweet)) this.entries.push({ actor, tweet, kind: "retweet" });
  }

  unretweet(actor: Person, tweet: Post): void {
    this.entries = this.entries.filter(
      (each) => each.tweet !== tweet || each.actor !== actor || each.kind === "tweet",
    );
  }

  retweetsOf = (tweet: Post): number =>
    this.entries.filter((each) => each.tweet === tweet && each.kind === "retweet").length;

  /** Keeps a conversation, or who has come into it. */
  join(id: string, members: Person[]): Conversation {
    const place = this.conversations.find((each) => each.id === id) ?? { id, members: new Set<Person>() };
    if (place.members.size === 0) this.conversations.push(place);
    for (const member of members) place.members.add(member);
    return place;
  }

  canSee(viewer: Person, owner: Person, surface: Surface): boolean {
    if (viewer === owner) return true;
    if (isOut(owner) || this.blocks.has(owner, viewer)) return false;
    if (this.blocks.has(viewer, owner))
      return surface === "profile" || (surface === "lists" && !owner.protected);
    const unasked = surface === "feeds" || surface === "news";
    if (unasked && this.mutes.has(viewer, owner)) return false;
    const theirs = surface === "lists" || surface === "posts" || surface === "feeds";
    return !(theirs && owner.protected && !this.follows.has(viewer, owner));
  }

  /** Why somebody gets no answer about a post. */
  hides(viewer: Person, post: Post): "TWEET_NOT_FOUND" | "COMMENT_NOT_FOUND" | undefined {
    const isWithheld = post.author !== viewer && (post.hidden || this.#isAcrossBlock(post));
    if (!post.deleted && !isWithheld && this.canSee(viewer, post.author, "posts")) return undefined;
    return post.tweet ? "COMMENT_NOT_FOUND" : "TWEET_NOT_FOUND";
  }

  #isAcrossBlock({ author, answers }: Post): boolean {
    return (
      answers !== null &&
      !answers.author.gone &&
      (this.blocks.has(author, answers.author) || this.blocks.has(answers.author, author))
    );
  }

  /** The tweets that stand in somebody's home, the latest first. */
  homeOf(viewer: Person): Post[] {
    const actors = [viewer, ...this.follows.from(viewer)];
    const seen = this.entries.filter(
      ({ actor, tweet, kind }) =>
        !tweet.deleted &&
        actors.includes(actor) &&
        this.canSee(viewer, actor, "news") &&
        !(kind === "retweet" && this.retweetMutes.has(viewer, actor)) &&
        this.canSee(viewer, tweet.author, "feeds") &&
        (tweet.author === viewer || this.mutesOf(viewer, tweet).length === 0),
    );
    // The oldest entry stands for a tweet.
    return [...new Set(seen.map(({ tweet }) => tweet))].reverse();
  }

  /** By which mutes a tweet does not come unasked, as it is flagged with them. */
  mutesOf(viewer: Person, { id, author, content }: Post): Flag[] {
    const isMuted = {
      mutedAuthor: this.mutes.has(viewer, author),
      mutedThread: this.threadMutes.has(`${viewer.id} ${id}`),
      mutedWord: WORDS.some((word) => this.wordMutes.has(`${viewer.id} ${word}`) && content.includes(word)),
    };
    return (["mutedAuthor", "mutedThread", "mutedWord"] as const).filter((flag) => isMuted[flag]);
  }

  /** The places right under a tweet or comment, the latest first, and whether what stands there is shown. */
  placesUnder(viewer: Person, post: Post): { id: string; shown: boolean }[] {
    return post.children
      .filter((child) => !isGone(child))
      .map((child) => ({ child, shown: this.hides(viewer, child) === undefined }))
      .filter(({ child, shown }) => shown || isStanding(child) || (child.hidden && !child.deleted))
      .map(({ child, shown }) => ({ id: child.id, shown }))
      .reverse();
  }

  repliesOf = (post: Post): number => post.children.filter(({ deleted }) => !deleted).length;
}

const isStanding = (post: Post): boolean => post.children.some((child) => !isGone(child));
const isGone = (post: Post): boolean => post.deleted && !isStanding(post);

/** A world of so many people whom nobody has met before. */
export async function newWorld(app: TestApp, run: string, count: number): Promise<World> {
  const passwordHash = await app.running.app.passwords.hash(PASSWORD);
  let made = 0;
  const newPerson = async (): Promise<Person> => {
    const name = `${run}_${made++}`;
    const caller = await app.as(name);
    const id = await app.id(name);
    const account = await findAccount(oid(id));
    if (account) await changeAccount(account, { passwordHash });
    return { id, name, caller, suspended: false, away: false, gone: false, protected: false };
  };
  const people: Person[] = [];
  while (people.length < count) people.push(await newPerson());
  await app.setRole("admin", "admin");
  return new World(app, { people, admin: await app.as("admin"), newPerson });
}
