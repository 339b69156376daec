import { createClient } from "@redis/client";
import type { Logger } from "./logger";

const BEAT_MS = 1_000;
const CALL_MS = 250;
const FIRST_MS = 2_000;
/** After so many beats without an answer the connection is given up for another. */
const MISSED_BEATS = 5;
const MOST_WAITING = 10_000;
const RETRY_MAX_MS = 1_000;

interface LinkOptions {
  url: string;
  /** What the names of keys and of the one channel begin with. */
  prefix: string;
  log: Logger;
}

/** This node's connection to the Redis that nodes share. It comes back by itself, and nothing waits for it. */
export class RedisLink {
  readonly #options: LinkOptions;
  readonly #beat: NodeJS.Timeout;
  #client: ReturnType<typeof open>;
  #hear: (text: string) => void = () => undefined;
  #away = true;
  /** When it came back last, or went. */
  #since = performance.now();
  #missed = 0;
  #beating = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#client = this.#connect();
    this.#beat = setInterval(() => void this.#listenToBeat(), BEAT_MS);
  }

  /** Whether it did not answer when it was last asked. */
  get away(): boolean {
    return this.#away;
  }

  /** For how many milliseconds it has been there; 0 while it is away. */
  get thereFor(): number {
    return this.#away ? 0 : performance.now() - this.#since;
  }

  /** Waits until it answers, but not for long: the server works without it. */
  async ready(): Promise<void> {
    const end = performance.now() + FIRST_MS;
    while (this.#away && performance.now() < end) {
      await this.#listenToBeat();
      if (this.#away) await delay(20);
    }
    if (this.#away) this.#options.log.warn("Redis does not answer: this node is alone until it does");
  }

  /** What all keys on it begin with. */
  get prefix(): string {
    return this.#options.prefix;
  }

  get #channel(): string {
    return `${this.prefix}:notes`;
  }

  /** Whom to give what is published. */
  hear(hear: (text: string) => void): void {
    this.#hear = hear;
  }

  /** Tells all nodes; lost when Redis is away. */
  publish(text: string): void {
    if (!this.#away) this.#client.publish(this.#channel, text).catch(() => undefined);
  }

  /** Runs a script. @throws at once when Redis is away, and soon when it does not answer */
  async eval(script: string, input: { keys: string[]; arguments: string[] }): Promise<unknown> {
    if (this.#away) throw new Error("Redis is away");
    return soon(this.#client.eval(script, input), CALL_MS);
  }

  close(): void {
    clearInterval(this.#beat);
    this.#client.destroy();
  }

  #connect(): ReturnType<typeof open> {
    const client = open(this.#options.url);
    // Without a listener an error would end the process; that it is away is logged once, and not at every try.
    client.on("error", (error) => this.#options.log.debug({ err: error }, "Redis failed"));
    const hear = (text: string) => this.#hear(text);
    client.on("ready", () => {
      client.subscribe(this.#channel, hear).catch(() => undefined);
      void this.#listenToBeat();
    });
    client.on("reconnecting", () => this.#note(true));
    client.connect().catch(() => undefined);
    return client;
  }

  async #listenToBeat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    const client = this.#client;
    try {
      await soon(client.ping(), BEAT_MS);
      this.#missed = 0;
      this.#note(false);
    } catch {
      this.#note(true);
      if (++this.#missed % MISSED_BEATS === 0 && client.isReady) this.#replace();
    }
    this.#beating = false;
  }

  #replace(): void {
    this.#client.destroy();
    this.#client = this.#connect();
  }

  #note(away: boolean): void {
    if (away === this.#away) return;
    this.#away = away;
    this.#since = performance.now();
    if (away)
      this.#options.log.warn("Redis is away: other nodes learn of what happens here some seconds later");
    else this.#options.log.info("Redis answers");
  }
}

function open(url: string) {
  return createClient({
    url,
    // What is said while it is away is not said later.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_WAITING,
    socket: {
      connectTimeout: 2_000,
      reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, RETRY_MAX_MS) * (0.5 + Math.random() / 2),
    },
  });
}

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What `work` answers. @throws when it takes longer than `ms` */
async function soon<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
