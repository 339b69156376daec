import { ensureMongo } from "./ensure";

/** For `globalSetup`: one mongod for the whole run, its URL in WARBLE_TEST_MONGO_URL. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Every project that names this runs it; the first one started the mongod for all.
  if (process.env.WARBLE_TEST_MONGO_URL) return undefined;
  const { url, stop } = await ensureMongo({ throwaway: true, log: console.log });
  process.env.WARBLE_TEST_MONGO_URL = url;
  return stop;
}
