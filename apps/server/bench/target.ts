import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";

/** How long access tokens are good for here: the longest run takes less. */
export const ACCESS_SECONDS = 6 * 60 * 60;

/** Somebody who may connect. */
export interface Person {
  id: string;
  token: string;
}

/** What every target can be asked. */
export interface Answers {
  /** Makes so many people, each with a session. */
  people(count: number): Promise<Person[]>;
  /** Waits until nothing is left to be done afterwards. */
  idle(): Promise<void>;
  /** Bytes that the process holds once it has tidied up. */
  memory(): Promise<{ rss: number; heap: number }>;
  /** Bytes that the process holds as it is, and the milliseconds that it has computed. */
  usage(): Promise<{ rss: number; cpu: number }>;
  /** The commands that it sent to the database since this was asked last; of a target that counts. */
  commands(): Promise<string[]>;
}
export type Asked = {
  [Name in keyof Answers]: { ask: Name; given: Parameters<Answers[Name]> };
}[keyof Answers];

/** A server under measurement, in a process of its own. */
export interface Target extends Answers {
  url: string;
  stop(): Promise<void>;
}

export interface TargetOptions {
  /** Its database. */
  mongoUrl: string;
  /** Further arguments, and environment. */
  args?: string[];
  env?: Record<string, string>;
  /** Whether it can tell of its commands, which costs it a little. */
  counting?: boolean;
}

let started = 0;

/** Has a target write a CPU profile when it ends, if there is a folder for it. */
function profiling(file: string): string[] {
  const { BENCH_PROFILE } = process.env;
  if (!BENCH_PROFILE) return [];
  const name = `${String(++started).padStart(2, "0")}-${basename(file, ".js")}.cpuprofile`;
  return ["--cpu-prof", "--cpu-prof-dir", BENCH_PROFILE, "--cpu-prof-name", name];
}

/**
 * Starts a program that is measured.
 * @param file where it was built to
 * @throws when it ends before it listens
 */
export async function startTarget(file: string, options: TargetOptions): Promise<Target> {
  const { mongoUrl, args = [], env = {}, counting = false } = options;
  const url = new URL(mongoUrl);
  if (counting) url.searchParams.set("monitorCommands", "true");
  const child = spawn(process.execPath, ["--expose-gc", ...profiling(file), file, url.href, ...args], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, ...env },
  });
  const ended = once(child, "exit");
  const [ready] = await Promise.race([
    once(child, "message"),
    ended.then(([code]) => Promise.reject(new Error(`${file} ended with ${code} before it listened`))),
  ]);
  return {
    url: (ready as { url: string }).url,
    people: (count) => ask(child, { ask: "people", given: [count] }),
    idle: () => ask(child, { ask: "idle", given: [] }),
    memory: () => ask(child, { ask: "memory", given: [] }),
    usage: () => ask(child, { ask: "usage", given: [] }),
    commands: () => ask(child, { ask: "commands", given: [] }),
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
}

/** @throws when it ends instead */
async function ask<Answer>(child: ChildProcess, asked: Asked): Promise<Answer> {
  const given = new AbortController();
  const { signal } = given;
  const ended = once(child, "exit", { signal }).then(() => Promise.reject(new Error("it ended")));
  const answered = once(child, "message", { signal });
  child.send(asked);
  try {
    const [{ answer, failed }] = await Promise.race([answered, ended]);
    if (failed !== undefined) throw new Error(`${asked.ask} failed: ${failed}`);
    return answer as Answer;
  } finally {
    ended.catch(() => undefined);
    answered.catch(() => undefined);
    given.abort();
  }
}
