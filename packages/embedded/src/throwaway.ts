import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { findRunning, launch } from "./mongod";
import { mongodRecipe } from "./mongod.recipe";
import { makeOwnedDir, orphanedDirs } from "./owned-dir";
import type { Env, Log } from "./recipe";
import { asAdmin, becomePrimary, urlOf } from "./replica-set";
import { resolveBinary } from "./resolve";
import { watch } from "./watch";

const KIND = "mongo";
/** What is dropped is kept, with all its files open, for as long as somebody may read the past. */
const PAST_SECONDS = 60;

export interface ThrowawayMongo {
  url: string;
  stop(): Promise<void>;
}

export interface ThrowawayMongoOptions {
  env?: Env;
  log?: Log;
  /** Whether majority writes wait for the journal, as in production; false by default, which is faster. */
  durable?: boolean;
}

/** A mongod for tests: its data is gone when it is stopped or when this process ends in any way. */
export async function startThrowawayMongo(options: ThrowawayMongoOptions = {}): Promise<ThrowawayMongo> {
  const { env = process.env, log = () => {}, durable = false } = options;
  const binary = await resolveBinary(mongodRecipe, { env, log });
  for (const orphan of await orphanedDirs(tmpdir(), KIND)) await discard(orphan);
  const dir = await makeOwnedDir(tmpdir(), KIND);
  const stop = watch(dir);
  try {
    const mongod = await launch(binary, dir);
    if (!mongod) throw new Error(`Another mongod has taken ${dir}`);
    // Nothing is read again after a crash, so no write has to wait for the disk.
    await becomePrimary({ port: mongod.port, durable }, 60_000);
    const url = urlOf(mongod.port);
    await asAdmin(url, (admin) =>
      admin.command({ setParameter: 1, minSnapshotHistoryWindowInSeconds: PAST_SECONDS }),
    );
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Removes what a process left that was killed together with its watchdog. */
async function discard(dir: string): Promise<void> {
  const port = await findRunning(dir).catch(() => undefined);
  // It ends without an answer.
  if (port)
    await asAdmin(urlOf(port), (admin) => admin.command({ shutdown: 1, force: true })).catch(() => {});
  await rm(dir, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
}
