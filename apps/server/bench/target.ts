import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Somebody who may connect. */
export interface Person {
  id: string;
  token: string;
}

/** What a target answers when it is asked. */
interface Answers {
  /** Makes so many people, each with a session. */
  people: Person[];
  /** Bytes that the process holds once it has tidied up. */
  memory: { rss: number; heap: number };
}
export type Asked = { ask: "people"; count: number } | { ask: "memory" };

/** A server under measurement, in a process of its own. */
export interface Target {
  url: string;
  people(count: number): Promise<Person[]>;
  memory(): Promise<Answers["memory"]>;
  stop(): Promise<void>;
}

/** The folder that each target writes a CPU profile to when it ends, if one is named. */
const { BENCH_PROFILE } = process.env;
const PROFILING = BENCH_PROFILE ? ["--cpu-prof", "--cpu-prof-dir", BENCH_PROFILE] : [];

/**
 * Starts a program that is measured.
 * @param file its path below this folder
 * @param mongoUrl its own database
 * @throws when it ends before it listens
 */
export async function startTarget(file: string, mongoUrl: string): Promise<Target> {
  const child = spawn(
    process.execPath,
    ["--expose-gc", ...PROFILING, "--import", "tsx", join(import.meta.dirname, file), mongoUrl],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  const ended = once(child, "exit");
  const [ready] = await Promise.race([
    once(child, "message"),
    ended.then(([code]) => Promise.reject(new Error(`${file} ended with ${code} before it listened`))),
  ]);
  return {
    url: (ready as { url: string }).url,
    people: (count) => ask<Person[]>(child, { ask: "people", count }),
    memory: () => ask<Answers["memory"]>(child, { ask: "memory" }),
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
}

async function ask<Answer>(child: ChildProcess, asked: Asked): Promise<Answer> {
  const answered = once(child, "message");
  child.send(asked);
  const [answer] = await answered;
  return answer as Answer;
}

/** In the target: says where it listens, and answers what is asked. It ends with whoever started it. */
export function answerBench(url: string, people: (count: number) => Promise<Person[]>): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (asked: Asked) => {
    const answer = asked.ask === "people" ? people(asked.count) : memory();
    void answer.then((said) => process.send?.(said));
  });
  process.send?.({ url });
}

async function memory(): Promise<Answers["memory"]> {
  // What has just ended is let go of in several steps.
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed };
}
