import { Schema } from "mongoose";
import { now } from "./clock";
import { WarbleError } from "./error";
import { newId, type ObjectId, oid } from "./id";
import { afterCommit, modelOf, type Stored, schemaOf, transaction } from "./mongo";
import { aloneRelay, type Relay } from "./relay";

const KEPT_SECONDS = 7 * 24 * 60 * 60;
const READ_AT_ONCE = 100;
/**
 * A wake can be lost: when a commit succeeds but its answer does not arrive, and more often between nodes. So the
 * newest numbers of all who follow are looked at this often.
 */
const SWEEP_MS = { alone: 30_000, joined: 5_000, away: 2_000 };
const SWEPT_AT_ONCE = 1_000;

/** One pushed thing: `data` says where it is, and it is shown as the viewer may see it when it is sent. */
export interface LoggedEvent<Data = unknown> {
  number: number;
  type: string;
  data: Data;
}

interface EventRecord extends Stored, LoggedEvent {
  userId: ObjectId;
  createdAt: Date;
}

interface HeadRecord extends Stored {
  number: number;
}

const eventSchema = schemaOf<EventRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  number: { type: Number, required: true },
  type: { type: String, required: true },
  data: { type: Schema.Types.Mixed, required: true },
  createdAt: { type: Date, required: true },
});
eventSchema.index({ userId: 1, number: 1 }, { unique: true });
eventSchema.index({ createdAt: 1 }, { expireAfterSeconds: KEPT_SECONDS });
export const EventModel = modelOf<EventRecord>("Event", eventSchema, "events");

const headSchema = schemaOf<HeadRecord>({ number: { type: Number, required: true } });
const HeadModel = modelOf<HeadRecord>("EventHead", headSchema, "eventHeads");

/**
 * The log of what is pushed to each user. Numbers are taken in the transaction that stores the thing itself, so
 * committed order is number order, and who comes back with their last number misses nothing.
 */
export class EventLog {
  readonly #followers = new Map<string, Set<Follower>>();
  readonly #relay: Relay;

  constructor(relay: Relay = aloneRelay) {
    this.#relay = relay;
    relay.hear((note) => note.kind === "wake" && this.#wake(note.userIds));
  }

  /** Appends an event to each user's log, as the last thing in the transaction that stores what it is about. */
  append(userIds: string[], type: string, data: object): Promise<void> {
    return transaction(async () => {
      // In one order everywhere, so that two transactions never wait for each other in a circle.
      const ids = [...new Set(userIds)].sort();
      for (const userId of ids) await this.#appendOne(userId, type, data);
      afterCommit(() => {
        this.#wake(ids);
        this.#relay.tell({ kind: "wake", userIds: ids });
      });
    });
  }

  async #appendOne(userId: string, type: string, data: object): Promise<void> {
    const head = await HeadModel.findOneAndUpdate(
      { _id: oid(userId) },
      { $inc: { number: 1 } },
      { upsert: true, returnDocument: "after" },
    ).lean();
    await EventModel.insertMany([
      { _id: newId(), userId: oid(userId), number: head?.number, type, data, createdAt: now() },
    ]);
  }

  /** The number of the user's newest event; 0 where there is none. */
  async lastNumber(userId: string): Promise<number> {
    const head = await HeadModel.findById(oid(userId)).lean();
    return head?.number ?? 0;
  }

  /**
   * Checks that all that came after number `after` is still kept.
   * @returns the number of the newest event
   * @throws WarbleError RESYNC when some is gone, or when there never was such a number
   */
  async requireKept(userId: string, after: number): Promise<number> {
    const newest = await this.lastNumber(userId);
    if (after === newest) return newest;
    const [next] = await this.read(userId, after, 1);
    if (after > newest || next?.number !== after + 1) throw new WarbleError("RESYNC");
    return newest;
  }

  /** The user's events after number `after`, in order. */
  async read(userId: string, after: number, limit = READ_AT_ONCE): Promise<LoggedEvent[]> {
    return EventModel.find(
      { userId: oid(userId), number: { $gt: after } },
      { _id: 0, number: 1, type: 1, data: 1 },
    )
      .sort({ number: 1 })
      .limit(limit)
      .lean<LoggedEvent[]>();
  }

  /**
   * All events after number `after`: first those that are stored, then each as it happens, until `signal`. It reads
   * on only when it is asked to, so that one batch at most waits for a slow client.
   * @throws WarbleError RESYNC when an event was forgotten before it was read
   */
  async *follow(userId: string, after: number, signal: AbortSignal): AsyncGenerator<LoggedEvent[]> {
    // It listens before it reads, so nothing falls between the two.
    const follower = this.#enter(userId, new Follower(after, signal));
    try {
      while (!signal.aborted) {
        const events = await this.read(userId, follower.last);
        if (events.some((event, index) => event.number !== follower.last + 1 + index))
          throw new WarbleError("RESYNC");
        follower.last += events.length;
        if (events.length > 0) yield events;
        if (events.length < READ_AT_ONCE) await follower.next();
      }
    } finally {
      this.#leave(userId, follower);
    }
  }

  /** Looks now and then for those whom a wake did not reach, until stopped. */
  watch(failed: (error: unknown) => void): () => void {
    let timer: NodeJS.Timeout;
    const again = () => {
      timer = setTimeout(() => void this.#sweep().catch(failed).then(again), SWEEP_MS[this.#relay.state()]);
    };
    again();
    return () => clearTimeout(timer);
  }

  /** One query for a thousand users, however many events there were. */
  async #sweep(): Promise<void> {
    const userIds = [...this.#followers.keys()];
    for (let from = 0; from < userIds.length; from += SWEPT_AT_ONCE) {
      const ids = userIds.slice(from, from + SWEPT_AT_ONCE).map(oid);
      const heads = await HeadModel.find({ _id: { $in: ids } }).lean();
      for (const { _id, number } of heads) this.#wake([String(_id)], number);
    }
  }

  /** Wakes who follows these users, but not who has read up to `number` already. */
  #wake(userIds: string[], number = Number.POSITIVE_INFINITY): void {
    for (const follower of userIds.flatMap((userId) => [...(this.#followers.get(userId) ?? [])])) {
      if (follower.last < number) follower.wake();
    }
  }

  #enter(userId: string, follower: Follower): Follower {
    const others = this.#followers.get(userId) ?? new Set();
    this.#followers.set(userId, others.add(follower));
    return follower;
  }

  #leave(userId: string, follower: Follower): void {
    const others = this.#followers.get(userId);
    others?.delete(follower);
    if (others?.size === 0) this.#followers.delete(userId);
    follower.stop();
  }
}

/** Remembers that something has happened since it was last asked, however often. */
class Follower {
  /** The number of the event that was read last. */
  last: number;
  readonly stop: () => void;
  #pending = false;
  #resolve: () => void = () => undefined;

  constructor(last: number, signal: AbortSignal) {
    this.last = last;
    const wake = () => this.wake();
    signal.addEventListener("abort", wake, { once: true });
    if (signal.aborted) this.wake();
    this.stop = () => signal.removeEventListener("abort", wake);
  }

  wake(): void {
    this.#pending = true;
    this.#resolve();
  }

  async next(): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
    }
    this.#pending = false;
  }
}
