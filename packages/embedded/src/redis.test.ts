import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isAlive } from "../test/processes";
import { cachedBinary } from "./cache";
import { startThrowawayRedis } from "./redis";
import { redisRecipe } from "./redis.recipe";
import { resolveBinary } from "./resolve";

/** What the Redis answers to one command. */
async function ask(url: string, command: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(`${command}\r\n`);
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer).trim();
}

const dirsOf = async (pid: number | undefined): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("warble-redis-") && name.includes(`-${pid}-`));

test("it serves on loopback, and stop ends it and removes its directory", async () => {
  const redis = await startThrowawayRedis();
  expect(await ask(redis.url, "PING")).toBe("+PONG");
  expect(await ask(redis.url, "CONFIG GET bind")).toContain("127.0.0.1");
  const pid = redis.pid();
  await redis.stop();
  expect(isAlive(pid)).toBe(false);
  expect(await dirsOf(process.pid)).toEqual([]);
});

test("killed and started again it is empty, on the same port", async () => {
  const redis = await startThrowawayRedis();
  await ask(redis.url, "SET bird swift");
  await redis.kill();
  await expect(ask(redis.url, "PING")).rejects.toThrow("ECONNREFUSED");
  await redis.start();
  expect(await ask(redis.url, "GET bird")).toBe("$-1");
  await redis.stop();
  await expect(ask(redis.url, "PING")).rejects.toThrow("ECONNREFUSED");
});

test("a killed process leaves neither Redis nor directory", async () => {
  const script = fileURLToPath(new URL("../test/redis-owner.ts", import.meta.url));
  const owner = spawn(process.execPath, ["--import", "tsx", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(owner.stdout, "data");
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  owner.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
  await expect.poll(() => dirsOf(owner.pid), { timeout: 5_000 }).toEqual([]);
});

test("where none is installed it comes from a wheel, whatever pip's own Python is", async () => {
  const cache = await mkdtemp(join(tmpdir(), "warble-test-"));
  const path = (process.env.PATH ?? "").split(":").filter((dir) => !dir.endsWith("sbin"));
  const env = { ...process.env, PATH: path.join(":"), XDG_CACHE_HOME: cache };
  const lines: string[] = [];
  const binary = await resolveBinary(redisRecipe, { env, log: (line) => lines.push(line) });
  const isInstalled = lines.length === 0;
  if (!isInstalled) expect(binary).toBe(cachedBinary(redisRecipe, env));
  const redis = await startThrowawayRedis({ env: { ...env, REDIS_SERVER_PATH: binary } });
  expect(await ask(redis.url, "PING")).toBe("+PONG");
  await redis.stop();
  await rm(cache, { recursive: true });
});

test("a wrong REDIS_SERVER_PATH is named", async () => {
  const env = { ...process.env, REDIS_SERVER_PATH: "/nowhere/redis-server" };
  await expect(startThrowawayRedis({ env })).rejects.toThrow(/REDIS_SERVER_PATH=\/nowhere\/redis-server/);
});
