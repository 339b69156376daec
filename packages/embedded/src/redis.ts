import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeOwnedDir, orphanedDirs } from "./owned-dir";
import { freePort } from "./port";
import type { Env, Log } from "./recipe";
import { redisRecipe } from "./redis.recipe";
import { resolveBinary } from "./resolve";
import { lastLine } from "./run";
import { watch } from "./watch";

const KIND = "redis";
const START_MS = 10_000;

export interface ThrowawayRedis {
  url: string;
  /** Its process, for tests that stop it in rude ways. */
  pid(): number;
  /** Ends it as a power cut does; `start` begins anew, empty, on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

interface Place {
  binary: string;
  dir: string;
  port: number;
}

interface Redis {
  process: ChildProcess;
  exited: Promise<unknown>;
}

/** A Redis for tests: it stores nothing, and is gone when it is stopped or when this process ends in any way. */
export async function startThrowawayRedis(options: { env?: Env; log?: Log } = {}): Promise<ThrowawayRedis> {
  const { env = process.env, log = () => {} } = options;
  const binary = await resolveBinary(redisRecipe, { env, log });
  for (const orphan of await orphanedDirs(tmpdir(), KIND)) await discard(orphan);
  const dir = await makeOwnedDir(tmpdir(), KIND);
  const stop = watch(dir);
  try {
    const place = { binary, dir, port: await freePort() };
    let redis = await launch(place);
    return {
      url: `redis://127.0.0.1:${place.port}`,
      pid: () => redis.process.pid ?? 0,
      kill: () => kill(redis, dir),
      start: async () => {
        redis = await launch(place);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const pidFileIn = (dir: string): string => join(dir, "redis.pid");

const pidIn = (dir: string): Promise<number | undefined> =>
  readFile(pidFileIn(dir), "utf8").then(
    (text) => Number.parseInt(text, 10) || undefined,
    () => undefined,
  );

/** Starts Redis and waits until it listens: it writes its process id after that. */
async function launch({ binary, dir, port }: Place): Promise<Redis> {
  const logFile = join(dir, "redis.log");
  const output = await open(logFile, "a");
  const args = [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--pidfile", pidFileIn(dir)],
    ...["--save", "", "--appendonly", "no"],
  ];
  const child = spawn(binary, args, { detached: true, stdio: ["ignore", output.fd, output.fd] });
  let running = true;
  const exited = new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", resolve);
  }).then(() => {
    running = false;
  });
  child.unref();
  await output.close();
  const deadline = Date.now() + START_MS;
  while (running && Date.now() < deadline) {
    if (child.pid && (await pidIn(dir)) === child.pid) return { process: child, exited };
    await sleep(5);
  }
  child.kill("SIGKILL");
  throw new Error(`${binary} could not start on port ${port}: ${lastLine(await readFile(logFile, "utf8"))}`);
}

async function kill({ process: child, exited }: Redis, dir: string): Promise<void> {
  child.kill("SIGKILL");
  await exited;
  // Its process id may soon be another's, whom the watchdog must not end.
  await rm(pidFileIn(dir), { force: true });
}

/** Removes what a process left that was killed together with its watchdog. */
async function discard(dir: string): Promise<void> {
  const pid = await pidIn(dir);
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (pid && command.includes("redis-server")) process.kill(pid, "SIGKILL");
  await rm(dir, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
}
