import type { Tokens, Tweet } from "@warble/sdk";
import { type Clock, millisecondsOf } from "./clock";
import { type Database, takeDatabase } from "./database";
import { Mails } from "./mails";
import { People, type Person, type PersonOptions, type StorageState } from "./people";
import { Program } from "./program";

/** How the backend is started. */
export interface TestWarbleOptions {
  /** Where it listens; a free port when it is not said. */
  port?: number;
  /** Where the frontend is, such as `http://localhost:5173`: links in mails lead there, and its pages may call. */
  webUrl?: string;
  /** Whose pages may call besides, such as `["http://localhost:6006"]`. */
  origins?: string[];
  /** Whether the limits that strangers meet hold; without them nothing is refused for being often. */
  limits?: boolean;
  /** Whether the server's log is shown; without it only what went wrong is. */
  log?: boolean;
}

const DEFAULTS = { port: 0, webUrl: "", origins: [] as string[], limits: false, log: false };

/** A real backend, for one test file or one run. */
export interface TestWarble {
  /** What `createWarble({ url })` takes. */
  readonly url: string;
  readonly mails: Mails;
  readonly clock: Clock;
  /**
   * Somebody by name: a client that is signed in, with `id`, `email` and `password`. Who is not there is made, verified.
   * @param options what they are to be; said later, it changes them
   * @throws Error when it is no username, or they cannot be so
   * @example
   * const alice = await warble.person("alice");
   * await alice.api.tweets.create.mutate({ content: "Hello" });
   */
  person(name: string, options?: PersonOptions): Promise<Person>;
  /** The tokens of a new session of somebody: for `memoryStorage(tokens)`, or for a page. */
  session(name: string): Promise<Tokens>;
  /**
   * What a browser's context begins with so that its pages are signed in.
   * @param origin where the pages are, such as `http://localhost:5173`
   * @param key what the frontend gives to `browserStorage(key)`, if it does
   * @example
   * const context = await browser.newContext({ storageState: await warble.storageStateOf("alice", origin) });
   */
  storageStateOf(name: string, origin: string, key?: string): Promise<StorageState>;
  /** Has somebody tweet so many times, or these texts. @returns the tweets, the first first */
  tweets(who: string | Person, what: number | string[]): Promise<Tweet[]>;
  /** Has one follow the other. */
  follow(from: string, to: string): Promise<void>;
  /** Has two follow each other: what they write to each other is no request. */
  befriend(one: string, other: string): Promise<void>;
  /**
   * Makes alice, bob, carol and dan, who follow each other, tweet, like, comment and chat.
   * @throws Error when one of them is there already
   */
  seed(): Promise<void>;
  /** Waits until all that follows from earlier calls has happened: notifications, mails, timelines. */
  settled(): Promise<void>;
  /** Takes everything away that is stored: people, tweets, mails. Who was signed in is not any more. */
  reset(): Promise<void>;
  /** Ends it. Whatever is called afterwards fails. */
  stop(): Promise<void>;
}

/**
 * Starts the real backend on a database of its own, in a process of its own that ends with this one.
 * @throws TypeError when an option is not one; Error when the port is taken, or there is no mongod and none can be fetched
 * @example
 * const warble = await startWarble();
 * const alice = await warble.person("alice");
 * await warble.stop();
 */
export async function startWarble(options: TestWarbleOptions = {}): Promise<TestWarble> {
  const { webUrl, origins, ...rest } = { ...DEFAULTS, ...checked(options) };
  const web = webUrl ? [new URL(webUrl).origin] : [];
  // The server is loaded while its database starts.
  const program = new Program();
  let database: Database | undefined;
  try {
    // biome-ignore lint/suspicious/noConsole: a fetch of some megabytes is to be seen.
    database = await takeDatabase((line) => console.log(line));
    const { url } = await program.ask("start", {
      ...rest,
      mongoUrl: database.url,
      webUrl: webUrl || undefined,
      origins: [...origins, ...web],
    });
    return testWarble(url, program, database);
  } catch (error) {
    await program.stop();
    await database?.letGo();
    throw error;
  }
}

function testWarble(url: string, program: Program, database: Database): TestWarble {
  const people = new People(program, url);
  const mails = new Mails({ url, requireRunning: () => program.requireRunning() });
  const follow = async (from: string, to: string): Promise<void> => {
    const [follower, followed] = await Promise.all([people.get(from), people.get(to)]);
    await follower.api.users.follow.mutate({ id: followed.id });
  };
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await people.forget();
    await program.stop();
    await database.letGo();
  };
  return {
    url,
    mails,
    clock: {
      advance: async (by) => program.ask("pass", millisecondsOf(by)),
      now: () => program.ask("now"),
    },
    person: (name, options) => people.get(name, options),
    session: (name) => people.session(name),
    storageStateOf: (name, origin, key) => people.storageStateOf(name, origin, key),
    tweets: async (who, what) => tweet(typeof who === "string" ? await people.get(who) : who, what),
    follow,
    befriend: async (one, other) => {
      await follow(one, other);
      await follow(other, one);
    },
    seed: async () => {
      if (!(await program.ask("seed")))
        throw new Error(
          "seed() makes alice, bob, carol and dan, and one of them is there already: reset() first",
        );
    },
    settled: () => program.ask("settled"),
    reset: async () => {
      await people.forget();
      await program.ask("reset");
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** One after the other, so that they are in order. */
async function tweet({ api, username }: Person, what: number | string[]): Promise<Tweet[]> {
  const texts =
    typeof what === "number"
      ? Array.from({ length: what }, (_, index) => `Tweet ${index + 1} of ${what} by ${username}`)
      : what;
  const tweets: Tweet[] = [];
  for (const content of texts) tweets.push(await api.tweets.create.mutate({ content }));
  return tweets;
}

/** What is said of the options. Refuses what is misspelt: left alone, it would do nothing. */
function checked(options: TestWarbleOptions): TestWarbleOptions {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of said) {
    const sample: unknown = DEFAULTS[name as keyof typeof DEFAULTS];
    if (sample === undefined)
      throw new TypeError(`startWarble() knows ${Object.keys(DEFAULTS).join(", ")}, and not ${name}`);
    if (kindOf(value) !== kindOf(sample))
      throw new TypeError(`startWarble({ ${name} }) takes a ${kindOf(sample)}, not a ${kindOf(value)}`);
  }
  return Object.fromEntries(said);
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? "list" : typeof value);
