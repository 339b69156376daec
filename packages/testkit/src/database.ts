import { randomBytes } from "node:crypto";

interface Server {
  url: string;
  stop(): Promise<void>;
}

/** A database of one's own. */
export interface Database {
  url: string;
  /** It is not needed any more; the last one ends the server that was started for them. */
  letGo(): Promise<void>;
}

let shared: Promise<Server> | undefined;
let users = 0;

/**
 * A new database: on the server that the run's set-up has started, or that MONGO_URL names, else on one that all in this
 * process share.
 * @throws when there is no mongod and none can be fetched
 */
export async function takeDatabase(log: (line: string) => void): Promise<Database> {
  users++;
  shared ??= findServer(log);
  const server = shared;
  let held = true;
  const letGo = async (): Promise<void> => {
    if (!held) return;
    held = false;
    users--;
    if (users > 0) return;
    shared = undefined;
    await server.then(
      ({ stop }) => stop(),
      () => undefined,
    );
  };
  try {
    const url = new URL((await server).url);
    url.pathname = `/warble-${randomBytes(6).toString("hex")}`;
    return { url: url.href, letGo };
  } catch (error) {
    await letGo();
    throw error;
  }
}

async function findServer(log: (line: string) => void): Promise<Server> {
  // biome-ignore lint/style/noProcessEnv: how the set-up of a run tells its workers.
  const url = process.env.WARBLE_TEST_MONGO_URL;
  if (url) return { url, stop: async () => undefined };
  // Loaded when it is needed: most runs have a set-up.
  const { ensureMongo } = await import("@warble/embedded");
  return ensureMongo({ throwaway: true, log });
}
