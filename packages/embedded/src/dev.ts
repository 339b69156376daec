import { mkdir, realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { findRunning, launch, type Mongod, removeOldLogs } from "./mongod";
import { mongodRecipe } from "./mongod.recipe";
import type { Env, Log } from "./recipe";
import { becomePrimary, urlOf } from "./replica-set";
import { resolveBinary } from "./resolve";

const START_MS = 60_000;
const STOP_MS = 15_000;

export interface DevMongo {
  url: string;
  /** Whether it was running already: then whoever started it stops it. */
  attached: boolean;
  stop(): Promise<void>;
}

export interface DevMongoOptions {
  dbPath: string;
  env?: Env;
  log?: Log;
}

/** A mongod that keeps its data in `dbPath`: the one that runs there already, else a new one. */
export async function startMongo({
  dbPath,
  env = process.env,
  log = () => {},
}: DevMongoOptions): Promise<DevMongo> {
  await mkdir(dbPath, { recursive: true });
  const dir = await realpath(dbPath);
  const deadline = Date.now() + START_MS;
  let problem = "";
  while (Date.now() < deadline) {
    const attached = await attach(dir).catch((error: Error) => {
      problem = ` (${error.message})`;
    });
    if (attached) return attached;
    const mongod = await launch(await resolveBinary(mongodRecipe, { env, log }), dir);
    if (mongod) return own(mongod, dir);
    await sleep(500);
  }
  throw new Error(
    `Another mongod has ${dir} and cannot be used${problem}: stop it (its process id is in ${dir}/mongod.lock), or set MONGO_URL.`,
  );
}

async function attach(dir: string): Promise<DevMongo | undefined> {
  const port = await findRunning(dir);
  if (!port) return undefined;
  await becomePrimary({ port, durable: true }, 10_000);
  return { url: urlOf(port), attached: true, stop: async () => {} };
}

async function own(mongod: Mongod, dir: string): Promise<DevMongo> {
  const end = () => mongod.process.kill("SIGTERM");
  process.once("exit", end);
  const stop = async () => {
    process.off("exit", end);
    end();
    const late = setTimeout(() => mongod.process.kill("SIGKILL"), STOP_MS);
    await mongod.exited;
    clearTimeout(late);
  };
  try {
    await becomePrimary({ port: mongod.port, durable: true }, START_MS);
    await removeOldLogs(dir, mongod.port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlOf(mongod.port), attached: false, stop };
}
