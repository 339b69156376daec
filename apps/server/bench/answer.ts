// In a target: answers what the bench asks.
import type mongoose from "mongoose";
import type { Answers, Asked } from "./target";

/** What is asked of a target that differs from one to the next. */
export interface Own extends Partial<Pick<Answers, "people" | "idle">> {
  /** What it reaches the database by. */
  client?: mongoose.mongo.MongoClient;
}

/** What is asked by a clock and not by a call: the queue's own commands, and what is read once a second. */
const BY_CLOCK = ["jobs", "filters"];

/** Says where it listens, and answers what is asked. It ends with whoever started it. */
export function answerBench(url: string, { client, people, idle }: Own): void {
  let sent: string[] = [];
  client?.on("commandStarted", ({ commandName, command }) => {
    const collection: unknown = command[commandName];
    if (!BY_CLOCK.includes(String(collection)))
      sent.push(typeof collection === "string" ? `${commandName} ${collection}` : commandName);
  });
  const answers: Answers = {
    people: people ?? (async () => []),
    idle: idle ?? (async () => undefined),
    memory,
    usage: async () => ({ rss: process.memoryUsage.rss(), cpu: cpuMs() }),
    commands: async () => {
      const all = sent;
      sent = [];
      return all;
    },
  };
  process.on("disconnect", () => process.exit());
  process.on("message", ({ ask, given }: Asked) => {
    const asked = answers[ask] as (...given: unknown[]) => Promise<unknown>;
    asked(...given).then(
      (answer) => process.send?.({ answer }),
      (error) => process.send?.({ failed: String(error) }),
    );
  });
  process.send?.({ url });
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function memory(): Promise<{ rss: number; heap: number }> {
  // What has just ended is let go of in several steps.
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed };
}
