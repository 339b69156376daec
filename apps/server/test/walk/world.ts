import type { Caller, TestApp } from "../harness";

export type Surface = "profile" | "lists" | "people" | "news" | "posts" | "feeds";

export interface Person {
  id: string;
  name: string;
  caller: Caller;
  suspended: boolean;
  protected: boolean;
}

/** A tweet, or a comment of one. */
export interface Post {
  id: string;
  author: Person;
  content: string;
  deleted: boolean;
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

/** What people have decided about each other; the latest comes last. */
class Edges {
  readonly #all = new Map<string, [Person, Person]>();
  readonly #keyOf = (from: Person, to: Person) => `${from.id} ${to.id}`;

  has = (from: Person, to: Person): boolean => this.#all.has(this.#keyOf(from, to));
  delete = (from: Person, to: Person): boolean => this.#all.delete(this.#keyOf(from, to));
  clear = (): void => this.#all.clear();
  add(from: Person, to: Person): void {
    if (!this.has(from, to)) this.#all.set(this.#keyOf(from, to), [from, to]);
  }
  from = (person: Person): Person[] =>
    [...this.#all.values()].filter(([a]) => a === person).map(([, b]) => b);
  to = (person: Person): Person[] => [...this.#all.values()].filter(([, b]) => b === person).map(([a]) => a);
}

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
  readonly tweets: Post[] = [];
  readonly comments: Post[] = [];
  /** The latest comes last. */
  entries: Entry[] = [];
  readonly conversations: Conversation[] = [];
  readonly messages: { id: string; place: Conversation }[] = [];
  readonly app: TestApp;
  readonly people: Person[];
  /** Who suspends, and sees everybody. */
  readonly admin: Caller;
  #texts = 0;

  constructor(app: TestApp, people: Person[], admin: Caller) {
    this.app = app;
    this.people = people;
    this.admin = admin;
  }

  /** A text that nobody has written yet. */
  text = (): string => `text ${++this.#texts} #tag${this.#texts % 3}`;

  write(post: Pick<Post, "id" | "author" | "content">, answers: Post | null = null): void {
    const tweet = answers?.tweet ?? answers;
    const written = { ...post, deleted: false, likes: new Set<Person>(), hidden: false, children: [] };
    const all: Post = { ...written, tweet, answers };
    answers?.children.push(all);
    if (answers) this.comments.push(all);
    else {
      this.tweets.push(all);
      this.entries.push({ actor: post.author, tweet: all, kind: "tweet" });
    }
  }

  remove(post: Post): void {
    post.deleted = true;
    this.entries = this.entries.filter(({ tweet }) => tweet !== post);
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
    if (owner.suspended || this.blocks.has(owner, viewer)) return false;
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
      answers !== null && (this.blocks.has(author, answers.author) || this.blocks.has(answers.author, author))
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
        (tweet.author === viewer || !this.threadMutes.has(`${viewer.id} ${tweet.id}`)),
    );
    // The oldest entry stands for a tweet.
    return [...new Set(seen.map(({ tweet }) => tweet))].reverse();
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
  const names = Array.from({ length: count }, (_, index) => `${run}_${index}`);
  const people: Person[] = [];
  for (const name of names)
    people.push({
      id: await app.id(name),
      name,
      caller: await app.as(name),
      suspended: false,
      protected: false,
    });
  await app.setRole("admin", "admin");
  return new World(app, people, await app.as("admin"));
}
