// The server as a frontend's tests start it: a process of its own, which does what its parent asks for.
import { randomBytes } from "node:crypto";
import mongoose from "mongoose";
import { seedPeople } from "../seed/people";
import { createApp, type Running } from "../src/app";
import { type Config, readConfig } from "../src/config";
import { explain } from "../src/explain";
import { findFlag } from "../src/features/filters/filter.service";
import { now, passTime } from "../src/platform/clock";
import type { App } from "../src/platform/context";
import { forgetEverything } from "../src/platform/memory";
import { DEFAULT_POLICY } from "../src/platform/policy";
import { unlimited } from "../test/policy";
import { makePerson, Refusal, signIn } from "./people";
import type { Answer, Backend, Question, StartInput } from "./protocol";

export type * from "./protocol";

let running: Running | undefined;

function started(): App {
  if (!running) throw new Error("the server is not running yet");
  return running.app;
}

const backend: Backend = {
  start: async (input) => {
    running = await createApp(configOf(input));
    return { url: running.url };
  },
  person: (input) => makePerson(started(), input),
  session: (name) => signIn(started(), name),
  seed: () => seedPeople(started()),
  pass: async (ms) => {
    const { jobs, channels } = started();
    // What is being done would lose its lease.
    await jobs.idle();
    passTime(ms);
    channels.closeExpired();
    await jobs.idle();
    return now();
  },
  now: async () => now(),
  settled: () => started().jobs.idle(),
  reset: () => reset(started()),
  stop: async () => {
    // Also where the start has failed after this.
    if (mongoose.connection.readyState === mongoose.ConnectionStates.connected)
      await mongoose.connection.dropDatabase();
  },
};

function configOf({ mongoUrl, port, webUrl, origins, limits, log }: StartInput): Config {
  const secret = randomBytes(32).toString("base64");
  const config = readConfig({
    NODE_ENV: "test",
    PORT: String(port),
    MONGO_URL: mongoUrl,
    WEB_URL: webUrl,
    CORS_ORIGINS: origins.join(),
    JWT_SECRETS: secret,
    PASSWORD_PEPPER: secret,
    PASSWORD_COST: "4",
    LOG_LEVEL: log ? "info" : "error",
  });
  return { ...config, policy: limits ? DEFAULT_POLICY : unlimited };
}

async function reset({ channels, jobs }: App): Promise<void> {
  for (const { sessionId } of channels.sessions()) channels.closeSession(sessionId);
  await jobs.idle();
  const collections = (await mongoose.connection.db?.collections()) ?? [];
  // The indexes stay: to make them takes longer than all else.
  await Promise.all(collections.map((collection) => collection.deleteMany({})));
  forgetEverything();
  // It reads the filters again.
  await findFlag([]);
}

async function answer({ id, ask, input }: Question): Promise<Answer> {
  try {
    return { id, ok: true, answer: await backend[ask](input as never) };
  } catch (error) {
    return { id, ok: false, error: error instanceof Refusal ? error.message : explain(error) };
  }
}

process.on("message", (question: Question) => {
  void answer(question).then((said) => process.send?.(said));
});
// It ends with whoever started it, and they decide when: Ctrl-C reaches all processes of a terminal.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => {
  const end = () => process.exit();
  backend.stop().then(end, end);
});
