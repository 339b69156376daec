import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { add, mongodPid, peopleIn } from "../test/client";
import { isAlive } from "../test/processes";
import { ensureMongo } from "./ensure";
import { mongodRecipe } from "./mongod.recipe";
import { dbPathOn } from "./replica-set";
import { resolveBinary } from "./resolve";

test("MONGO_URL is used as it is, and stays when we stop", async () => {
  const theirs = await ensureMongo({ throwaway: true, env: { ...process.env, MONGO_URL: "" } });
  const ours = await ensureMongo({ throwaway: true, env: { MONGO_URL: theirs.url } });
  expect(ours.url).toBe(theirs.url);
  await ours.stop();
  await add(theirs.url, "alice");
  expect(await peopleIn(theirs.url)).toEqual(["alice"]);
  const pid = await mongodPid(theirs.url);
  await theirs.stop();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("a standalone mongod behind MONGO_URL is refused with what to do", async () => {
  const binary = await resolveBinary(mongodRecipe, { env: process.env, log: () => {} });
  const dbPath = await mkdtemp(join(tmpdir(), "warble-test-"));
  const port = await freePort();
  const mongod = spawn(binary, ["--dbpath", dbPath, "--port", String(port), "--bind_ip", "127.0.0.1"], {
    stdio: "ignore",
  });
  const exited = once(mongod, "exit");
  await expect.poll(() => dbPathOn(port), { timeout: 20_000 }).toBe(dbPath);
  await expect(
    ensureMongo({ throwaway: true, env: { MONGO_URL: `mongodb://127.0.0.1:${port}/warble` } }),
  ).rejects.toThrow(/not part of a replica set[\s\S]*rs\.initiate/);
  mongod.kill("SIGKILL");
  await exited;
  await rm(dbPath, { recursive: true });
});

test("a MONGO_URL that nothing answers on is named without its password", async () => {
  const env = { MONGO_URL: "mongodb://alice:s3cret@127.0.0.1:1/warble?serverSelectionTimeoutMS=200" };
  const failed = expect(ensureMongo({ throwaway: true, env })).rejects;
  await failed.toThrow("MONGO_URL (mongodb://127.0.0.1:1/warble) cannot be used: connect ECONNREFUSED");
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
