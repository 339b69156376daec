import { readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { add, peopleIn, withPeople } from "../test/client";
import { isAlive, startOwner } from "../test/processes";
import { startThrowawayMongo } from "./throwaway";

const dirsOf = (pid: number | undefined): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith("warble-mongo-") && name.includes(`-${pid}-`));

test("transactions roll back and change streams report", async () => {
  const mongo = await startThrowawayMongo();
  await add(mongo.url, "alice");
  await withPeople(mongo.url, async (people, client) => {
    const changes = people.watch([], { maxAwaitTimeMS: 50 });
    // The stream is opened by the first read: what happens before that, it never tells.
    expect(await changes.tryNext()).toBeNull();
    const failed = client.withSession((session) =>
      session.withTransaction(async () => {
        await people.insertOne({ _id: "bob" }, { session });
        throw new Error("changed my mind");
      }),
    );
    await expect(failed).rejects.toThrow("changed my mind");
    await client.withSession((session) =>
      session.withTransaction(() => people.insertOne({ _id: "carol" }, { session })),
    );
    expect(await changes.next()).toMatchObject({ operationType: "insert", documentKey: { _id: "carol" } });
    await changes.close();
  });
  expect(await peopleIn(mongo.url)).toEqual(["alice", "carol"]);
  await mongo.stop();
});

test("stop ends mongod and removes its directory", async () => {
  const mongo = await startThrowawayMongo();
  expect(dirsOf(process.pid)).toHaveLength(1);
  await mongo.stop();
  expect(dirsOf(process.pid)).toEqual([]);
  await expect(peopleIn(mongo.url)).rejects.toThrow("ECONNREFUSED");
});

test("a killed process leaves neither mongod nor directory", async () => {
  const owner = await startOwner();
  expect(isAlive(owner.pid)).toBe(true);
  expect(dirsOf(owner.process.pid)).toHaveLength(1);
  owner.process.kill("SIGKILL");
  await expect.poll(() => isAlive(owner.pid), { timeout: 5_000 }).toBe(false);
  await expect.poll(() => dirsOf(owner.process.pid), { timeout: 5_000 }).toEqual([]);
});

test("the next start removes the directory of a process that died with its watchdog", async () => {
  const temp = await mkdtemp(join(tmpdir(), "warble-test-"));
  vi.stubEnv("TMPDIR", temp);
  const host = hostname().replace(/[^\w.]/g, "_");
  // No process has so high an id.
  const left = await mkdtemp(join(temp, `warble-mongo-${host}-99999999-`));
  const inUse = await mkdtemp(join(temp, `warble-mongo-${host}-${process.ppid}-`));
  await writeFile(join(left, "mongod.1.log"), "");
  const mongo = await startThrowawayMongo();
  const dirs = readdirSync(temp).map((name) => join(temp, name));
  expect(dirs).toContain(inUse);
  expect(dirs).not.toContain(left);
  await mongo.stop();
  vi.unstubAllEnvs();
  await rm(temp, { recursive: true });
});
