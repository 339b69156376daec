import { startMongo } from "./dev";
import { reasonOf } from "./errors";
import type { Env, Log } from "./recipe";
import { asAdmin } from "./replica-set";
import { startThrowawayMongo, type ThrowawayMongo } from "./throwaway";

const WIRE_VERSION_OF_5 = 13;

export type EnsureMongoOptions = { env?: Env; log?: Log } & ({ dbPath: string } | { throwaway: true });

/** The MongoDB that MONGO_URL names, once it is known to serve; else one of our own. */
export async function ensureMongo(options: EnsureMongoOptions): Promise<ThrowawayMongo> {
  const { env = process.env } = options;
  if (env.MONGO_URL) {
    await checkMongoUrl(env.MONGO_URL);
    return { url: env.MONGO_URL, stop: async () => {} };
  }
  return "dbPath" in options ? startMongo(options) : startThrowawayMongo(options);
}

/** Complains about a MongoDB without transactions and change streams, before anything else fails on it. */
async function checkMongoUrl(url: string): Promise<void> {
  const hello = await asAdmin(url, (admin) => admin.command({ hello: 1 })).catch((error) => {
    throw new Error(`MONGO_URL (${withoutLogin(url)}) cannot be used: ${reasonOf(error)}`, { cause: error });
  });
  const lacks = (what: string): Error =>
    new Error(
      [
        `MONGO_URL (${withoutLogin(url)}) is ${what}, and Warble needs transactions and change streams.`,
        "Name a replica set of MongoDB 5 or newer there, or unset MONGO_URL: then Warble starts one of its own.",
        "A lone mongod becomes a replica set when started with --replSet and initiated once (rs.initiate() in mongosh).",
      ].join("\n"),
    );
  if (!hello.setName && hello.msg !== "isdbgrid") throw lacks("not part of a replica set");
  if (hello.maxWireVersion < WIRE_VERSION_OF_5) throw lacks("older than MongoDB 5");
}

const withoutLogin = (url: string): string => url.replace(/\/\/[^@/]*@/, "//").replace(/\?.*$/, "");
