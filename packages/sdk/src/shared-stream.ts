import { isWarbleError, WarbleError } from "./error";
import { type Follower, follow, type LiveEvent, type Source } from "./follow";
import { sleep } from "./wait";

/** How long a new leader waits for the others to say how far they are. */
const ANSWER_MS = 50;

/** What tabs tell each other. */
type Word =
  /** The leader: this has come. */
  | { event: LiveEvent }
  /** The leader: the stream is open, for the time that has this name. */
  | { open: string }
  /** The leader: I am new, how far are you? */
  | { who: true }
  /** Another: I have all up to this event; I am new, or I answer. */
  | { last: string; isNew: boolean }
  /** The leader: who has not more than this event cannot catch up. */
  | { lost: string };

interface SharedOptions {
  from: string;
  signal: AbortSignal;
  /** What the streams of one user of one server have in common. */
  name: string;
}

/** Whether tabs can agree on who holds the stream. */
export const canShare = (): boolean =>
  "document" in globalThis && "BroadcastChannel" in globalThis && Boolean(globalThis.navigator?.locks);

/**
 * Follows notifications over one stream for all tabs: six streams would block an origin over HTTP/1.1. Who gets the
 * lock leads: it holds the stream, from the event of whoever is furthest behind, and passes on what comes. When it
 * goes, the next gets the lock. Each tab leaves out what it has, so that nothing comes twice.
 * @throws WarbleError as `follow`
 */
export function followShared(source: Source, follower: Follower, options: SharedOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const finish = (settle: () => void) => {
      options.signal.removeEventListener("abort", stop);
      done.abort();
      tab.close();
      settle();
    };
    const stop = () => finish(resolve);
    const tab = new Tab({ source, follower, from: options.from, name: options.name });
    tab.failed = (error) => finish(() => reject(error));
    options.signal.addEventListener("abort", stop, { once: true });
    const { signal } = done;
    const name = `warble.leader ${options.name}`;
    navigator.locks
      .request(name, { signal }, () => tab.lead(signal))
      .catch((error: Error) => signal.aborted || finish(() => reject(error)));
    if (options.signal.aborted) stop();
  });
}

interface TabOptions {
  source: Source;
  follower: Follower;
  from: string;
  name: string;
}

interface Leading {
  /** Whether others can still say how far they are before the stream begins. */
  isAsking: boolean;
  /** The event that the stream goes on after. */
  from: string;
  open: string;
  /** Ends the stream, to begin anew. */
  again: AbortController;
}

const earlier = (a: string, b: string): string => (Number(a) < Number(b) ? a : b);

/** One follower among those that share a stream. */
class Tab {
  readonly #source: Source;
  readonly #follower: Follower;
  readonly #channel: BroadcastChannel;
  #last: string;
  /** The opening that the follower was told of. */
  #told = "";
  #leading: Leading | undefined;
  /** Where a leader that begins anew has to begin. */
  #floor: string | undefined;
  #closed = false;
  failed: (error: WarbleError) => void = () => undefined;

  constructor({ source, follower, from, name }: TabOptions) {
    this.#source = source;
    this.#follower = follower;
    this.#last = from;
    this.#channel = new BroadcastChannel(`warble.notifications ${name}`);
    this.#channel.onmessage = ({ data }: MessageEvent<Word>) => this.#hear(data);
    this.#say({ last: from, isNew: true });
  }

  close(): void {
    this.#closed = true;
    this.#channel.close();
  }

  /** Holds the stream until `signal`, or until it fails. */
  async lead(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const again = new AbortController();
      const stop = () => again.abort();
      signal.addEventListener("abort", stop, { once: true });
      const from = earlier(this.#last, this.#floor ?? this.#last);
      this.#floor = undefined;
      const leading: Leading = { isAsking: true, from, open: "", again };
      this.#leading = leading;
      this.#say({ who: true });
      await sleep(ANSWER_MS, signal);
      leading.isAsking = false;
      try {
        await follow(this.#source, this.#passingOn(leading), { from: leading.from, signal: again.signal });
      } catch (error) {
        if (!again.signal.aborted && !this.#lost(error, leading.from)) throw error;
      } finally {
        signal.removeEventListener("abort", stop);
        this.#leading = undefined;
      }
    }
  }

  #passingOn(leading: Leading): Follower {
    return {
      onEvent: (event) => {
        this.#say({ event });
        this.#take(event);
      },
      onOpen: () => {
        leading.open = `${Date.now()} ${Math.random()}`;
        this.#say({ open: leading.open });
        this.#opened(leading.open);
      },
    };
  }

  /** Whether only others were too far behind; they are told. */
  #lost(error: unknown, from: string): boolean {
    const isTheirs = isWarbleError(error, "RESYNC") && Number(from) < Number(this.#last);
    if (isTheirs) this.#say({ lost: from });
    return isTheirs;
  }

  #hear(word: Word): void {
    if ("event" in word) this.#take(word.event);
    else if ("open" in word) this.#opened(word.open);
    else if ("who" in word) this.#say({ last: this.#last, isNew: false });
    else if ("last" in word) this.#catchUp(word);
    else if (Number(this.#last) <= Number(word.lost)) {
      this.failed(new WarbleError("RESYNC", "Too much has happened since: load the list again."));
    }
  }

  /** A leader begins anew where another tab misses what the stream has passed already. */
  #catchUp({ last, isNew }: { last: string; isNew: boolean }): void {
    const leading = this.#leading;
    if (!leading) return;
    // Who answers has heard all since the stream began; who is new has not.
    const passed = isNew ? this.#last : leading.from;
    if (leading.isAsking) leading.from = earlier(leading.from, last);
    else if (Number(last) < Number(passed)) {
      this.#floor = earlier(last, this.#floor ?? last);
      leading.again.abort();
    } else if (leading.open) this.#say({ open: leading.open });
  }

  #take(event: LiveEvent): void {
    if (Number(event.id) <= Number(this.#last)) return;
    this.#last = event.id;
    this.#follower.onEvent(event);
  }

  #opened(open: string): void {
    if (open === this.#told) return;
    this.#told = open;
    this.#follower.onOpen();
  }

  #say(word: Word): void {
    if (!this.#closed) this.#channel.postMessage(word);
  }
}
