import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { add, mongodPid, peopleIn } from "../test/client";
import { isAlive, startOwner } from "../test/processes";
import { type DevMongo, startMongo } from "./dev";

let dbPath: string;

beforeEach(async () => {
  dbPath = await realpath(await mkdtemp(join(tmpdir(), "warble-test-")));
});
afterEach(() => rm(dbPath, { recursive: true, force: true, maxRetries: 5 }));

test("data is kept from one run to the next, and through kill -9", async () => {
  const first = await startMongo({ dbPath });
  await add(first.url, "alice");
  await first.stop();

  const second = await startMongo({ dbPath });
  await add(second.url, "bob");
  process.kill(await mongodPid(second.url), "SIGKILL");

  const third = await startMongo({ dbPath });
  expect(third.attached).toBe(false);
  expect(await peopleIn(third.url)).toEqual(["alice", "bob"]);
  await third.stop();
});

test("of three starts at once one starts mongod and the others use it", async () => {
  const three = await Promise.all([1, 2, 3].map(() => startMongo({ dbPath })));
  const [owner, ...others] = three.toSorted((a, b) => Number(a.attached) - Number(b.attached)) as [
    DevMongo,
    ...DevMongo[],
  ];
  expect(three.map(({ attached }) => attached).sort()).toEqual([false, true, true]);
  expect(new Set(three.map(({ url }) => url)).size).toBe(1);
  for (const other of others) await other.stop();
  await add(owner.url, "alice");
  await owner.stop();
  await expect(peopleIn(owner.url)).rejects.toThrow("ECONNREFUSED");
  expect((await readdir(dbPath)).filter((name) => name.endsWith(".log"))).toHaveLength(1);
});

test("mongod outlives a killed process, and the next start uses it", async () => {
  const owner = await startOwner(dbPath);
  owner.process.kill("SIGKILL");
  await once(owner.process, "exit");
  const next = await startMongo({ dbPath });
  expect(next).toMatchObject({ attached: true, url: owner.url });
  await next.stop();
  expect(isAlive(owner.pid)).toBe(true);
  process.kill(owner.pid, "SIGKILL");
  await expect.poll(() => isAlive(owner.pid), { timeout: 10_000 }).toBe(false);
});

test("mongod ends with a process that exits without stopping it", async () => {
  const owner = await startOwner(dbPath);
  owner.process.stdin?.write("exit\n");
  await expect.poll(() => isAlive(owner.pid), { timeout: 10_000 }).toBe(false);
});

test("data that mongod cannot read is reported in mongod's own words", async () => {
  const mongo = await startMongo({ dbPath });
  await mongo.stop();
  await writeFile(join(dbPath, "_mdb_catalog.wt"), randomBytes(20_000));
  await expect(startMongo({ dbPath })).rejects.toThrow(
    new RegExp(`could not start on ${dbPath}:\\n[\\s\\S]*data corruption`),
  );
});
