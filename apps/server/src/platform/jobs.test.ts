import { describe, expect, test, vi } from "vitest";
import { startTestApp } from "../../test/harness";
import { roundTrips } from "../../test/round-trips";
import { now, nowMs } from "./clock";
import { defineEvent, type Listener, on, when } from "./events";
import { newId } from "./id";
import { JobModel } from "./job-lane";
import { Jobs } from "./jobs";
import { createLogger } from "./logger";
import { transaction } from "./mongo";

const app = startTestApp({ logLevel: "silent" }, { counted: true });
const jobs = () => app.running.app.jobs;
const stored = (name: string) => JobModel.findOne({ name }).lean();
const MINUTE = 60_000;

let names = 0;
/** A kind of job, done by `act`. @returns its name */
function handled(act: (payload: { n: number }) => Promise<void> | void): string {
  const name = `test.${++names}`;
  jobs().handle(name, async (payload) => act(payload));
  return name;
}

const add = (name: string, n = 0) => jobs().add([{ name, payload: { n } }]);
const due = (name: string) => JobModel.updateOne({ name }, { runAt: new Date(nowMs() - 1) });
const secondsUntilRun = async (name: string) =>
  ((await stored(name))?.runAt.getTime() ?? Number.NaN) / 1000 - nowMs() / 1000;

describe("a job", () => {
  test("is stored with its cause or not at all, and done after the commit", async () => {
    const seen: number[] = [];
    const name = handled(({ n }) => void seen.push(n));
    const rolledBack = transaction(async () => {
      await add(name, 1);
      throw new Error("changed my mind");
    });
    await expect(rolledBack).rejects.toThrow("changed my mind");
    await transaction(async () => {
      await add(name, 2);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(seen).toEqual([]);
    });
    await jobs().idle();
    expect(seen).toEqual([2]);
    expect(await stored(name)).toBeNull();
  });

  test("is begun within a quarter of a second", async () => {
    const waits: number[] = [];
    let added = 0;
    const name = handled(() => void waits.push(performance.now() - added));
    for (let n = 0; n < 11; n++) {
      await add(name);
      added = performance.now();
      await jobs().idle();
    }
    expect(waits.sort((a, b) => a - b)[5]).toBeLessThan(250);
  });

  test("begins where it was stored without being claimed", async () => {
    const seen: number[] = [];
    const name = handled(({ n }) => void seen.push(n));
    await jobs().idle();
    const sent = await roundTrips(async () => {
      await add(name, 1);
      await jobs().idle();
    }, []);
    expect(seen).toEqual([1]);
    expect(sent).toContain("insert jobs");
    expect(sent).not.toContain("update jobs");
  });

  test("that is slow holds up no other", async () => {
    let finish: () => void = () => undefined;
    const slow = handled(() => new Promise<void>((resolve) => (finish = resolve)));
    const seen: number[] = [];
    const quick = handled(({ n }) => void seen.push(n));
    await add(slow);
    await vi.waitFor(async () => expect((await stored(slow))?.lease).toBeTruthy());
    for (let n = 0; n < 3; n++) {
      await add(quick, n);
      await vi.waitFor(() => expect(seen).toContain(n), { timeout: 900 });
    }
    finish();
    await jobs().idle();
  });

  test("that has expired is not done", async () => {
    const act = vi.fn();
    const name = handled(act);
    await jobs().add([{ name, payload: {}, expiresAt: new Date(nowMs() - 1) }]);
    await jobs().idle();
    expect(act).not.toHaveBeenCalled();
    expect(await stored(name)).toBeNull();
  });
});

describe("a job that fails", () => {
  test("is tried again later and later, parked at the eighth time, and others pass it", async () => {
    const tries = vi.fn();
    const name = handled(() => {
      tries();
      throw new Error("poison");
    });
    const seen: number[] = [];
    const good = handled(({ n }) => void seen.push(n));
    await add(name);
    for (let attempt = 1; attempt <= 8; attempt++) {
      await add(good, attempt);
      await jobs().idle();
      expect(seen).toContain(attempt);
      expect(tries).toHaveBeenCalledTimes(attempt);
      expect(await stored(name)).toMatchObject({ attempts: attempt, error: "poison", lease: null });
      const wait = Math.min(300, 5 * 2 ** (attempt - 1));
      expect(await secondsUntilRun(name)).toBeLessThanOrEqual(wait);
      expect(await secondsUntilRun(name)).toBeGreaterThan(wait / 2 - 1);
      await due(name);
    }
    expect((await stored(name))?.parkedAt).toBeInstanceOf(Date);
    await add(good, 9);
    await jobs().idle();
    expect(tries).toHaveBeenCalledTimes(8);
  });

  test("in the oddest way does not stop the queue", async () => {
    const name = handled(() => {
      throw Object.create(null);
    });
    const act = vi.fn();
    await add(name);
    await jobs().idle();
    expect(await stored(name)).toMatchObject({ attempts: 1 });
    await add(handled(act));
    await jobs().idle();
    expect(act).toHaveBeenCalledOnce();
  });

  test("and succeeds at the second try is gone", async () => {
    const act = vi.fn().mockRejectedValueOnce(new Error("not yet")).mockResolvedValue(undefined);
    const name = handled(act);
    await add(name);
    await jobs().idle();
    await due(name);
    await jobs().idle();
    expect(act).toHaveBeenCalledTimes(2);
    expect(await stored(name)).toBeNull();
  });
});

describe("a node that is gone", () => {
  const claimedUntil = async (name: string, leaseUntil: Date) => {
    await JobModel.insertMany([
      { _id: newId(), name, lane: "events", payload: { n: 1 }, runAt: now(), lease: newId(), leaseUntil },
    ]);
  };

  test("leaves its jobs to others when its lease has run out and some seconds have passed, and not before", async () => {
    const act = vi.fn();
    const name = handled(act);
    await claimedUntil(name, new Date(nowMs() + 1_500));
    await add(handled(() => undefined));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(act).not.toHaveBeenCalled();
    await vi.waitFor(async () => expect(await stored(name)).toMatchObject({ attempts: 1, lease: null }), {
      timeout: 5_000,
    });
    expect(act).not.toHaveBeenCalled();
    await due(name);
    await jobs().idle();
    expect(act).toHaveBeenCalledOnce();
  });

  test("does not undo what another has done meanwhile", async () => {
    let finish: () => void = () => undefined;
    const act = vi
      .fn()
      .mockImplementationOnce(() => new Promise<void>((resolve) => (finish = resolve)))
      .mockImplementation(() => new Promise(() => undefined));
    const name = handled(act);
    await add(name);
    await vi.waitFor(() => expect(act).toHaveBeenCalledOnce());
    await JobModel.updateOne({ name }, { lease: newId(), leaseUntil: new Date(nowMs() + MINUTE) });
    finish();
    await vi.waitFor(async () => expect(await stored(name)).toBeNull());
  });
});

test("a queue that stops finishes what it has begun and gives back the rest", async () => {
  const own = new Jobs(createLogger("silent", false));
  const begun = vi.fn();
  own.handle("stopping", async () => {
    begun();
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  await own.add(Array.from({ length: 60 }, () => ({ name: "stopping", payload: {}, lane: "own" })));
  own.start(["own"]);
  await vi.waitFor(() => expect(begun).toHaveBeenCalled());
  await own.stop();
  expect(begun.mock.calls.length).toBeLessThan(60);
  const left = await JobModel.find({ lane: "own" }).lean();
  expect(left).toHaveLength(60 - begun.mock.calls.length);
  expect(left.every((job) => job.lease === null)).toBe(true);
  await JobModel.deleteMany({ lane: "own" });
});

test("two queues on one database do each job once", async () => {
  const done: number[] = [];
  const queues = [1, 2, 3].map(() => {
    const queue = new Jobs(createLogger("silent", false));
    queue.handle("shared", async ({ n }: { n: number }) => void done.push(n));
    return queue;
  });
  const all = Array.from({ length: 200 }, (_, n) => ({ name: "shared", payload: { n }, lane: "shared" }));
  await queues[0]?.add(all);
  for (const queue of queues) queue.start(["shared"]);
  await vi.waitFor(() => expect(done.length).toBeGreaterThanOrEqual(200), { timeout: 10_000 });
  await Promise.all(queues.map((queue) => queue.stop()));
  expect([...done].sort((a, b) => a - b)).toEqual(all.map((job) => job.payload.n));
});

test("what is due at once is claimed, done and taken away in few round trips, however much it is", async () => {
  const own = new Jobs(createLogger("silent", false));
  const act = vi.fn();
  own.handle("many", async () => act());
  const sent = await roundTrips(async () => {
    await own.add(Array.from({ length: 120 }, () => ({ name: "many", payload: {}, lane: "many" })));
    own.start(["many"]);
    await vi.waitFor(async () => expect(await JobModel.exists({ lane: "many" })).toBeNull());
  }, []);
  await own.stop();
  expect(act).toHaveBeenCalledTimes(120);
  const times = (command: string) => sent.filter((one) => one === command).length;
  expect(times("insert jobs")).toBe(1);
  // Sixty-four are claimed together, and thirty-two are done together; what other tests left comes due now and then.
  expect(times("update jobs")).toBeLessThanOrEqual(4);
  expect(times("delete jobs")).toBeLessThanOrEqual(8);
});

describe("an event", () => {
  const happened = defineEvent<{ n: number }>("happened");

  /** Queues with these reactions, until `act` has ended. */
  async function listening(reactions: ReturnType<typeof on>, act: (queue: Jobs) => Promise<void>) {
    const queue = new Jobs(createLogger("silent", false));
    queue.listen(reactions, app.running.app);
    try {
      await act(queue);
    } finally {
      await queue.stop();
      await JobModel.deleteMany({ name: /^happened>/ });
    }
  }

  test("is a job of each listener, in the lane that its line names", async () => {
    const noop: Listener<{ n: number }> = async () => undefined;
    const reactions = [
      on(happened, { first: noop }, "lane1"),
      on(happened, { second: noop }, "lane2"),
    ].flat();
    await listening(reactions, async (queue) => {
      await queue.emit(happened, { n: 1 }, { key: "one" });
      await queue.emit(happened, { n: 2 }, { key: "one" });
      const left = await JobModel.find({ name: /^happened>/ })
        .sort({ lane: 1 })
        .lean();
      expect(left.map(({ name, lane, payload }) => [name, lane, payload])).toEqual([
        ["happened>first", "lane1", { n: 1 }],
        ["happened>second", "lane2", { n: 1 }],
      ]);
    });
    expect(on(happened, { usual: noop })).toMatchObject([{ name: "happened>usual", lane: "events" }]);
  });

  test("is no job of a listener that says it would find nothing to do", async () => {
    const noop: Listener<{ n: number }> = async () => undefined;
    const odd = when(({ n }: { n: number }) => n % 2 === 1, noop);
    await listening(on(happened, { odd, all: noop }, "choosing"), async (queue) => {
      for (const n of [1, 2]) await queue.emit(happened, { n });
      const left = await JobModel.find({ lane: "choosing" }).sort({ _id: 1 }).lean();
      expect(left.map(({ name, payload }) => [name, payload])).toEqual([
        ["happened>odd", { n: 1 }],
        ["happened>all", { n: 1 }],
        ["happened>all", { n: 2 }],
      ]);
    });
  });

  test("that holds up its own lane holds up no other", async () => {
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const seen = vi.fn();
    const slow: Listener<{ n: number }> = () => done;
    const quick: Listener<{ n: number }> = async (_app, { n }) => seen(n);
    await listening(
      [on(happened, { slow }, "slow"), on(happened, { quick }, "quick")].flat(),
      async (queue) => {
        queue.start(["slow", "quick"]);
        for (let n = 0; n < 100; n++) await queue.emit(happened, { n });
        await vi.waitFor(() => expect(seen).toHaveBeenCalledTimes(100), { timeout: 5_000 });
        finish();
      },
    );
  });

  test("whose job is cut off goes on from what the job said was left", async () => {
    const begun: number[] = [];
    const count: Listener<{ n: number }> = async (_app, { n }, job) => {
      begun.push(n);
      if (n > 0) await job.keep({ n: n - 1 });
      if (n === 3) throw new Error("cut off");
      await job.keep();
    };
    await listening(on(happened, { count }, "counting"), async (queue) => {
      queue.start(["counting"]);
      await queue.emit(happened, { n: 3 });
      await vi.waitFor(async () => expect(await stored("happened>count")).toMatchObject({ attempts: 1 }));
      await due("happened>count");
      await vi.waitFor(async () => expect(await stored("happened>count")).toBeNull(), { timeout: 5_000 });
      expect(begun).toEqual([3, 2]);
    });
  });

  test("whose job was taken over can say no more of what is left", async () => {
    let refused: unknown;
    const loser: Listener<{ n: number }> = async (_app, { n }, job) => {
      await JobModel.updateOne(
        { name: "happened>loser" },
        { lease: newId(), leaseUntil: new Date(nowMs() + MINUTE) },
      );
      refused = await job.keep({ n: n - 1 }).catch((error: unknown) => error);
      expect(await stored("happened>loser")).toMatchObject({ payload: { n } });
    };
    await listening(on(happened, { loser }, "losing"), async (queue) => {
      queue.start(["losing"]);
      await queue.emit(happened, { n: 3 });
      await vi.waitFor(async () => expect(await stored("happened>loser")).toBeNull());
      expect(refused).toMatchObject({ message: "its lease was lost" });
    });
  });
});
