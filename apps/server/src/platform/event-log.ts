import { Schema } from "mongoose";
import { now } from "./clock";
import { WarbleError } from "./error";
import { Follower, type LoggedEvent, READ_AT_ONCE } from "./event-follower";
import { newId, type ObjectId, oid } from "./id";
import { afterCommit, atCommit, modelOf, type Stored, schemaOf, transaction } from "./mongo";
import { aloneRelay, type Relay } from "./relay";

const KEPT_SECONDS = 7 * 24 * 60 * 60;
/** Who has missed more than this loads the lists again sooner than the events one by one. */
const MOST_REPLAYED = 10_000;
/**
 * What is handed over can be lost: when a commit succeeds but its answer does not arrive, and more often between nodes. So the
 * newest numbers of all who follow are looked at this often.
 */
const SWEEP_MS = { alone: 30_000, joined: 5_000, away: 2_000 };
const SWEPT_AT_ONCE = 1_000;
const FORGOTTEN_AT_ONCE = 1_000;

interface EventRecord extends Stored, LoggedEvent {
  userId: ObjectId;
  createdAt: Date;
}

interface HeadRecord extends Stored {
  number: number;
}

/** An event that has no number yet. */
interface Entry {
  userId: string;
  type: string;
  data: Record<string, unknown>;
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

export type { LoggedEvent };
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
    relay.hear((note) => note.kind === "events" && this.#hand(note.events));
  }

  /** Appends an event to each user's log, in the transaction that stores what it is about. */
  append(userIds: string[], type: string, data: object): Promise<void> {
    const entries = [...new Set(userIds)].map((userId) => ({ userId, type, data: { ...data } }));
    return transaction(() => atCommit(this.#write, entries));
  }

  /** All that a transaction appends is written at its end, in as many round trips however much and for however many. */
  readonly #write = async (entries: Entry[]): Promise<void> => {
    if (entries.length === 0) return;
    const next = await takeNumbers(entries.map(({ userId }) => userId));
    const createdAt = now();
    const numbered = entries.map((entry) => ({ ...entry, number: next(entry.userId) }));
    await EventModel.insertMany(
      numbered.map((event) => ({ ...event, _id: newId(), userId: oid(event.userId), createdAt })),
      { lean: true },
    );
    afterCommit(() => {
      this.#hand(numbered);
      this.#relay.tell({ kind: "events", events: numbered });
    });
  };

  /** The number of the user's newest event; 0 where there is none. */
  async lastNumber(userId: string): Promise<number> {
    const head = await HeadModel.findById(oid(userId)).lean();
    return head?.number ?? 0;
  }

  /**
   * Checks that all that came after number `after` is still kept, and not more than can be sent again.
   * @returns the number of the newest event
   * @throws WarbleError RESYNC when some is gone, when it is too much, or when there never was such a number
   */
  async requireKept(userId: string, after: number): Promise<number> {
    const newest = await this.lastNumber(userId);
    if (after === newest) return newest;
    if (after > newest || newest - after > MOST_REPLAYED) throw new WarbleError("RESYNC");
    const [next] = await this.read(userId, after, 1);
    if (next?.number !== after + 1) throw new WarbleError("RESYNC");
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
   * Follows a user's log from event `after` on, until it leaves. It listens before it reads, so nothing falls between the two.
   * @param wake is called whenever there may be more to take
   */
  enter(userId: string, after: number, wake: () => void): Follower {
    const follower = new Follower(after, wake);
    const others = this.#followers.get(userId) ?? new Set();
    this.#followers.set(userId, others.add(follower));
    return follower;
  }

  leave(userId: string, follower: Follower): void {
    const others = this.#followers.get(userId);
    others?.delete(follower);
    if (others?.size === 0) this.#followers.delete(userId);
  }

  /** What a follower has to look up. @throws WarbleError RESYNC when an event was forgotten before it was read */
  async readOn(userId: string, follower: Follower): Promise<LoggedEvent[]> {
    return follower.accept(await this.read(userId, follower.last));
  }

  /**
   * All events after number `after`: first those that are stored, then each as it happens, until `signal`. It reads
   * on only when it is asked to, so that one batch at most waits for a slow client.
   * @throws WarbleError RESYNC when an event was forgotten before it was read
   */
  async *follow(userId: string, after: number, signal: AbortSignal): AsyncGenerator<LoggedEvent[]> {
    let wake = (): void => undefined;
    const follower = this.enter(userId, after, () => wake());
    signal.addEventListener("abort", () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const events = follower.take() ?? (await this.readOn(userId, follower));
        if (events.length > 0) yield events;
        else await woken;
      }
    } finally {
      this.leave(userId, follower);
    }
  }

  /** Takes away some of a user's log, and with the last of it its number. @returns whether there may be more */
  async forgetSome(userId: ObjectId): Promise<boolean> {
    const events = await EventModel.find({ userId }, { _id: 1 }).limit(FORGOTTEN_AT_ONCE).lean();
    await EventModel.deleteMany({ _id: { $in: events.map(({ _id }) => _id) } });
    if (events.length === 0) await HeadModel.deleteOne({ _id: userId });
    return events.length > 0;
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
      for (const { _id, number } of heads) {
        for (const follower of this.#followersOf(String(_id))) follower.expect(number);
      }
    }
  }

  /** Hands events that were just stored to who follows them, so that they need not be read. */
  #hand(events: (Entry & { number: number })[]): void {
    for (const { userId, number, type, data } of events) {
      for (const follower of this.#followersOf(userId)) follower.hand({ number, type, data });
    }
  }

  #followersOf(userId: string): Follower[] {
    return [...(this.#followers.get(userId) ?? [])];
  }
}

/**
 * Takes a number for each of these users' new events.
 * @returns what gives each user's numbers, one after the other
 */
async function takeNumbers(userIds: string[]): Promise<(userId: string) => number> {
  const counts = new Map<string, number>();
  for (const userId of userIds) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  // In one order everywhere, so that two transactions never wait for each other in a circle.
  const heads = await moveHeads([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
  const last = new Map(
    heads.map(({ _id, number }) => [String(_id), number - (counts.get(String(_id)) ?? 0)]),
  );
  return (userId) => {
    const number = (last.get(userId) ?? 0) + 1;
    last.set(userId, number);
    return number;
  };
}

/** Moves the heads of these users' logs by so many. @returns where they are then */
async function moveHeads(moves: [userId: string, by: number][]): Promise<HeadRecord[]> {
  const updates = moves.map(([userId, by]) => ({
    filter: { _id: oid(userId) },
    update: { $inc: { number: by } },
    upsert: true,
  }));
  const [only, other] = updates;
  if (only && !other) {
    const head = await HeadModel.findOneAndUpdate(only.filter, only.update, {
      upsert: true,
      returnDocument: "after",
    }).lean();
    return head ? [head] : [];
  }
  await HeadModel.bulkWrite(updates.map((updateOne) => ({ updateOne })));
  return HeadModel.find({ _id: { $in: moves.map(([userId]) => oid(userId)) } }).lean();
}
