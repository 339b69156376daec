import { AsyncLocalStorage } from "node:async_hooks";
import mongoose, { Schema } from "mongoose";
import { batch } from "./batch";
import { now, nowMs } from "./clock";
import type { ObjectId } from "./id";
import { modelOf, type Stored, schemaOf } from "./mongo";

const BATCH = 64;
const CONCURRENCY = 32;
const REMOVED_AT_ONCE = 1_000;
const LEASE_MS = 60_000;
const POLL_MS = 1_000;

/** A job that begins where it was stored needs not be claimed, unless so many are under way there. */
const TAKEN = CONCURRENCY / 2;

/** A job as it is stored. */
export interface JobRecord extends Stored {
  name: string;
  lane: string;
  payload: unknown;
  runAt: Date;
  attempts: number;
  lease: ObjectId | null;
  leaseUntil: Date | null;
  /** Not done after this moment. */
  expiresAt: Date | null;
  parkedAt: Date | null;
  error: string | null;
  /** Until it begins, whoever asks for a job of this key means this one. */
  key?: string;
  /** How often it was asked for by its key. */
  asked?: number;
}

const schema = schemaOf<JobRecord>({
  name: { type: String, required: true },
  lane: { type: String, required: true },
  payload: { type: Schema.Types.Mixed, default: {} },
  runAt: { type: Date, required: true },
  attempts: { type: Number, default: 0 },
  lease: { type: Schema.Types.ObjectId, default: null },
  leaseUntil: { type: Date, default: null },
  expiresAt: { type: Date, default: null },
  parkedAt: { type: Date, default: null },
  error: { type: String, default: null },
  key: String,
  asked: Number,
});
schema.index({ lane: 1, parkedAt: 1, runAt: 1 });
schema.index({ key: 1 }, { unique: true, sparse: true });

export const JobModel = modelOf<JobRecord>("Job", schema, "jobs");

interface LaneWork {
  run: (job: JobRecord) => Promise<void>;
  /** Of a job that somebody began, or was about to, and neither ended nor gave back in time. */
  lost: (job: JobRecord) => Promise<void>;
  failed: (error: unknown) => void;
}

/**
 * One lane: begins what is stored here at once, where there is room; claims a batch of the rest, and the next when that
 * one has been begun, so that a slow job holds up no other; sleeps until it is woken or a second has passed.
 */
export class Lane {
  readonly #name: string;
  readonly #work: LaneWork;
  readonly #ended: Promise<void>;
  readonly #running = new Set<Promise<void>>();
  /** A job is not part of the call that stored it. */
  readonly #apart = AsyncLocalStorage.snapshot();
  #woken = false;
  #stopped = false;
  #rouse: () => void = () => undefined;

  constructor(name: string, work: LaneWork) {
    this.#name = name;
    this.#work = work;
    this.#ended = this.#loop();
  }

  wake(): void {
    this.#woken = true;
    this.#rouse();
  }

  /** The job under a lease of this node, if it may begin here as soon as it is stored. */
  lease(job: JobRecord): JobRecord {
    if (this.#stopped || this.#running.size >= TAKEN || job.runAt > now()) return job;
    return { ...job, ...newLease() };
  }

  /** Begins a job that was stored under a lease of this node. */
  take(job: JobRecord): void {
    this.#apart(() => this.#run(() => (this.#stopped ? giveBack([job]) : this.#work.run(job))));
  }

  /** Waits for what is being done. */
  async finish(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#rouse();
    await this.#ended;
    await this.finish();
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      this.#woken = false;
      const { jobs, lost } = await this.#attempt(() => claim(this.#name), NOTHING);
      for (const job of lost) await this.#attempt(() => this.#work.lost(job), undefined);
      await this.#begin(jobs);
      if (jobs.length + lost.length < BATCH && !this.#woken) await this.#sleep();
    }
  }

  /** Begins these jobs, so many at a time; comes back when the last has begun and another may. */
  async #begin(jobs: JobRecord[]): Promise<void> {
    for (const [index, job] of jobs.entries()) {
      if (this.#stopped) {
        await this.#attempt(() => giveBack(jobs.slice(index)), undefined);
        return;
      }
      this.#run(() => this.#work.run(job));
      if (this.#running.size >= CONCURRENCY) await Promise.race(this.#running);
    }
  }

  #run(work: () => Promise<void>): void {
    const running = this.#attempt(work, undefined);
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  /** Nothing ends the loop but `stop`: what fails here is tried again, when the lease has run out. */
  async #attempt<T>(act: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await act();
    } catch (error) {
      this.#work.failed(error);
      return otherwise;
    }
  }

  async #sleep(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#rouse = resolve;
      if (this.#stopped || this.#woken) resolve();
      timer = setTimeout(resolve, POLL_MS);
    });
    clearTimeout(timer);
  }
}

interface Claimed {
  jobs: JobRecord[];
  /** Those whose last lease ran out. */
  lost: JobRecord[];
}

const NOTHING: Claimed = { jobs: [], lost: [] };

async function claim(lane: string): Promise<Claimed> {
  const at = now();
  const due = {
    lane,
    parkedAt: null,
    runAt: { $lte: at },
    $or: [{ lease: null }, { leaseUntil: { $lt: at } }],
  };
  const found = await JobModel.find(due).sort({ runAt: 1 }).limit(BATCH).lean();
  if (found.length === 0) return NOTHING;
  const { lease, leaseUntil } = newLease();
  const _id = { $in: found.map((job) => job._id) };
  const { modifiedCount } = await JobModel.updateMany(
    { ...due, _id },
    {
      $set: { lease, leaseUntil },
      $unset: { key: 1 },
    },
  );
  // Another node may have taken, postponed or parked some of them since.
  const ours = modifiedCount === found.length ? _id.$in : await JobModel.distinct("_id", { _id, lease });
  const mine = new Set(ours.map(String));
  const claimed = found.filter((job) => mine.has(String(job._id)));
  return {
    jobs: claimed.filter((job) => job.lease === null).map((job) => ({ ...job, lease })),
    lost: claimed.filter((job) => job.lease !== null).map((job) => ({ ...job, lease })),
  };
}

const newLease = () => ({
  lease: new mongoose.Types.ObjectId(),
  leaseUntil: new Date(nowMs() + LEASE_MS),
});

const giveBack = async (jobs: JobRecord[]): Promise<void> => {
  const [first] = jobs;
  if (!first) return;
  await JobModel.updateMany(
    { _id: { $in: jobs.map((job) => job._id) }, lease: first.lease },
    { lease: null, leaseUntil: null },
  );
};

/** Takes a job away that is done; with it all that end in the same turn of the event loop. */
export const removeJob = batch<ObjectId, void>(async (ids) => {
  await JobModel.deleteMany({ _id: { $in: [...ids] } });
  return ids.map(() => undefined);
}, REMOVED_AT_ONCE);

/** Lets a job be done for another lease, and says what is left of it. @throws when it is no longer under this one */
export async function renewLease({ _id, lease }: JobRecord, payload?: unknown): Promise<void> {
  const { leaseUntil } = newLease();
  const left = payload === undefined ? {} : { payload };
  const renewed = await JobModel.updateOne({ _id, lease }, { leaseUntil, ...left });
  if (renewed.matchedCount === 0) throw new Error("its lease was lost");
}
