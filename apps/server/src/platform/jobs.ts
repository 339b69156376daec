import { inspect } from "node:util";
import { now, nowMs } from "./clock";
import type { App } from "./context";
import type { EventType, Reaction } from "./events";
import { newId } from "./id";
import { JobModel, type JobRecord, Lane, removeJob, renewLease } from "./job-lane";
import type { Logger } from "./logger";
import { afterCommit, atCommit } from "./mongo";

const ATTEMPTS = 8;
const BACKOFF_MS = 5_000;
const BACKOFF_MAX_MS = 300_000;
const ERROR_LENGTH = 1_000;

/** What does a job: it may run more than once, so doing it again changes nothing. */
export type JobHandler = (payload: never, job: RunningJob<never>) => Promise<void>;

/** A job that is being done. */
export interface RunningJob<Payload = unknown> {
  id: string;
  /**
   * Says that it is still being done, now and then where that takes longer than a lease. With a payload, what is left to
   * do: whoever takes the job up after this one was cut off is given that instead.
   * @throws when another has begun it
   */
  keep(payload?: Payload): Promise<void>;
}

export interface NewJob {
  name: string;
  payload: object;
  /** Jobs of one lane do not wait for another's. */
  lane?: string;
  /** Not done before this moment. */
  runAt?: Date;
  expiresAt?: Date;
  /** While one of this key has not begun, another is the same. */
  key?: string;
}

/** When a job is done: not before `runAt`; and once for all that ask with the same `key` before it begins. */
export type JobTerms = Pick<NewJob, "runAt" | "key">;

const recordOf = ({ name, payload, lane = "events", runAt = now(), expiresAt }: NewJob): JobRecord => ({
  _id: newId(),
  name,
  lane,
  payload,
  runAt,
  attempts: 0,
  lease: null,
  leaseUntil: null,
  expiresAt: expiresAt ?? null,
  parkedAt: null,
  error: null,
});

/**
 * The durable queue. A job is stored in the transaction of what caused it, so that neither exists without the
 * other; this node begins it at once, or any node claims it, under a lease, and what fails is tried again, later and later, then parked.
 */
export class Jobs {
  readonly #handlers = new Map<string, JobHandler>();
  readonly #listeners = new Map<string, Reaction[]>();
  readonly #lanes = new Map<string, Lane>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Says who does the jobs of this name. */
  handle(name: string, handler: JobHandler): void {
    this.#handlers.set(name, handler);
  }

  /** Says who reacts to events: each listener gets a job of its own, so that one that fails holds up no other. */
  listen(reactions: Reaction[], app: App): void {
    for (const reaction of reactions) {
      const { event, name, run } = reaction;
      this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), reaction]);
      this.handle(name, (payload, job) => run(app, payload, job));
    }
  }

  /** Tells the listeners of `event`, once the transaction under way has committed. */
  emit<Payload extends object>(
    event: EventType<Payload>,
    payload: Payload,
    { key, ...terms }: JobTerms = {},
  ): Promise<void> {
    const reactions = this.#listeners.get(event.name) ?? [];
    const wanting = reactions.filter(({ wants }) => wants(payload as never));
    return this.add(
      wanting.map(({ name, lane }) => ({
        name,
        lane,
        payload,
        ...terms,
        ...(key && { key: `${name}:${key}` }),
      })),
    );
  }

  /** Stores jobs, in the transaction under way where there is one. */
  async add(jobs: NewJob[]): Promise<void> {
    if (jobs.length > 0) await atCommit(this.#store, jobs);
  }

  readonly #store = async (jobs: NewJob[]): Promise<void> => {
    const records = jobs.map((job) => ({ record: recordOf(job), key: job.key }));
    const plain = records.flatMap(({ record, key }) =>
      key === undefined ? (this.#lanes.get(record.lane)?.lease(record) ?? record) : [],
    );
    // The one that waits is written to, so that it cannot begin before what is asked for now is there to be seen.
    const keyed = records.flatMap(({ record, key }) => {
      const update = { $setOnInsert: record, $inc: { asked: 1 } };
      return key === undefined ? [] : { updateOne: { filter: { key }, update, upsert: true } };
    });
    if (plain.length > 0) await JobModel.insertMany(plain, { lean: true });
    if (keyed.length > 0) await JobModel.bulkWrite(keyed);
    afterCommit(() => {
      for (const job of plain) if (job.lease) this.#lanes.get(job.lane)?.take(job);
      const waiting = [
        ...plain.filter(({ lease }) => !lease),
        ...keyed.map((each) => each.updateOne.update.$setOnInsert),
      ];
      for (const { lane, runAt } of waiting) if (runAt <= now()) this.#lanes.get(lane)?.wake();
    });
  };

  start(lanes: string[]): void {
    for (const name of lanes) {
      this.#lanes.set(
        name,
        new Lane(name, {
          run: (job) => this.#run(job),
          // It counts as a failure: what ends its process every time would come back for ever.
          lost: (job) => this.#postpone(job, new Error("its process ended, or it took longer than a lease")),
          failed: (error) => this.#log.error({ err: error, lane: name }, "the queue cannot be worked on"),
        }),
      );
    }
  }

  /** Stops claiming, gives back what nobody has begun, and waits for what is being done. */
  async stop(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()));
  }

  /** Waits until nothing is due. For tests and benchmarks. */
  async idle(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    for (;;) {
      await Promise.all(lanes.map((lane) => lane.finish()));
      if (!(await JobModel.exists({ parkedAt: null, runAt: { $lte: now() } }))) return;
      for (const lane of lanes) lane.wake();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async #run(job: JobRecord): Promise<void> {
    try {
      if (!job.expiresAt || job.expiresAt > now()) {
        const handler = this.#handlers.get(job.name);
        if (!handler) throw new Error(`nobody handles jobs named ${job.name}`);
        await handler(job.payload as never, {
          id: String(job._id),
          keep: (payload?: unknown) => renewLease(job, payload),
        });
      }
      // Done is done, even when the lease ran out meanwhile and another has begun it again.
      await removeJob(job._id);
    } catch (error) {
      await this.#postpone(job, error);
    }
  }

  async #postpone(job: JobRecord, error: unknown): Promise<void> {
    const attempts = job.attempts + 1;
    const parked = attempts >= ATTEMPTS;
    const wait = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (attempts - 1)) * (0.5 + Math.random() / 2);
    this.#log[parked ? "error" : "warn"](
      { err: error, job: job.name, jobId: String(job._id), attempts },
      "job failed",
    );
    await JobModel.updateOne(
      { _id: job._id, lease: job.lease },
      {
        attempts,
        lease: null,
        leaseUntil: null,
        runAt: new Date(nowMs() + wait),
        error: (error instanceof Error ? error.message : inspect(error)).slice(0, ERROR_LENGTH),
        ...(parked && { parkedAt: now() }),
      },
    );
  }
}
