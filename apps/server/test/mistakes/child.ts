import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import mongoose from "mongoose";
import { afterAll, beforeAll } from "vitest";
import { built } from "../built";
import { testConfig } from "../harness";

const START_MS = 60_000;
const DROP_MS = 5_000;

/** A server in a process of its own, which can be killed and started again on the same data. */
export interface Child {
  readonly running: { readonly url: string };
  readonly process: ChildProcess;
  /** All that it has written. */
  output: () => string;
  /** Ends it as a power cut does, and starts another. */
  killAndRestart: () => Promise<void>;
}

/** Runs the server as operators do, behind one proxy, for one test file. */
export function startChild(overrides: Record<string, string> = {}): Child {
  const { mongoUrl, jwtSecrets, passwordPepper } = testConfig();
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: "test",
    PORT: "0",
    MONGO_URL: mongoUrl,
    JWT_SECRETS: jwtSecrets.join(),
    PASSWORD_PEPPER: passwordPepper,
    PASSWORD_COST: "4",
    TRUST_PROXY: "1",
    LOG_LEVEL: "info",
    ...overrides,
  };
  let child: ChildProcess;
  let url = "";
  let output = "";
  const start = async () => {
    output = "";
    child = spawn(process.execPath, [built("main")], { env, stdio: ["ignore", "pipe", "pipe"] });
    url = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output += chunk;
        const listens = /Warble listens[\s\S]*?(http:\/\/localhost:\d+)/.exec(output)?.[1];
        if (listens) resolve(listens);
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
    });
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  beforeAll(start, START_MS);
  afterAll(async () => {
    await kill();
    const connection = await mongoose.createConnection(mongoUrl).asPromise();
    // A transaction that was under way at a kill locks what it touched until the database gives it up.
    await connection.db?.command({ dropDatabase: 1, maxTimeMS: DROP_MS }).catch(() => undefined);
    await connection.close();
  }, START_MS);
  return {
    get running() {
      return { url };
    },
    get process() {
      return child;
    },
    output: () => output,
    killAndRestart: async () => {
      await kill();
      await start();
    },
  };
}
