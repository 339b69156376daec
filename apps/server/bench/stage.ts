import { randomBytes } from "node:crypto";
import { startThrowawayMongo } from "@warble/embedded";
import mongoose from "mongoose";
import { PasswordHasher } from "../src/platform/password";
import { TokenKeys } from "../src/platform/token";
import { buildPrograms, type Program } from "./build";
import { Crowd, type CrowdSpec } from "./crowd/crowd";
import { fillCrowd } from "./crowd/fill";
import { type Load, startLoad } from "./load";
import { progress } from "./progress";
import type { Size } from "./sizes";
import { ACCESS_SECONDS, startTarget, type Target, type TargetOptions } from "./target";

/** What everybody in a crowd signs in with. */
export const PASSWORD = "swifts over the harbour";

/** A crowd in a database of its own. */
export interface Town {
  crowd: Crowd;
  mongoUrl: string;
  db: mongoose.mongo.Db;
}

/** What measures have in common: a database, crowds in it, and processes. Each is there once it is asked for. */
export interface Stage {
  size: Size;
  load: Load;
  mongoUrl(name: string): string;
  /** A town of the size's crowd, or of another. */
  town(name?: string, spec?: CrowdSpec): Promise<Town>;
  /** Towns from the smallest to the size's own. */
  towns(): Promise<Town[]>;
  start(program: Program, options: TargetOptions): Promise<Target>;
  /** Warble on a town, the same for all measures; or, `anew`, in a new process. */
  warble(town: Town, anew?: "anew"): Promise<Target>;
  /** The access tokens of these people. */
  tokens(town: Town, people: number[]): Promise<string[]>;
  /** The environment of a server whose tokens these are. */
  env: Record<string, string>;
  program(program: Program): string;
}

/** Sets it up, and takes it all down again after `use`, however that ends. */
export async function onStage<T>(size: Size, use: (stage: Stage) => Promise<T>): Promise<T> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const programs = await buildPrograms();
    ends.push(programs.remove);
    const mongo = await startThrowawayMongo({ log: console.error, durable: true });
    ends.push(mongo.stop);
    const client = await mongoose.mongo.MongoClient.connect(mongo.url, { writeConcern: { w: "majority" } });
    ends.push(() => client.close());
    // As much as a database has on a small machine of its own; the embedded one makes do with little.
    await client.db("admin").command({ setParameter: 1, wiredTigerEngineRuntimeConfig: "cache_size=4G" });
    const load = startLoad(programs.of("caller"));
    ends.push(load.stop);
    return await use(stageOf({ size, load, program: programs.of, mongo, client, ends }));
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

interface Means {
  size: Size;
  load: Load;
  program: Stage["program"];
  mongo: { url: string };
  client: mongoose.mongo.MongoClient;
  /** What is to be ended, the last first. */
  ends: (() => Promise<unknown>)[];
}

function stageOf({ size, load, program, mongo, client, ends }: Means): Stage {
  const secret = randomBytes(32).toString("base64");
  const keys = new TokenKeys([secret]);
  const env = { JWT_SECRETS: secret, PASSWORD_PEPPER: secret };
  const towns = new Map<string, Promise<Town>>();
  const servers = new Map<Town, Promise<Target>>();
  const mongoUrl = (name: string) => mongo.url.replace("/warble?", `/${name}?`);
  const start: Stage["start"] = async (file, options) => {
    const target = await startTarget(program(file), { ...options, env: { ...env, ...options.env } });
    let running = true;
    const stop = async () => {
      if (running) await target.stop();
      running = false;
    };
    ends.push(stop);
    return { ...target, stop };
  };
  const settle = async (name: string, spec: CrowdSpec): Promise<Town> => {
    const crowd = new Crowd(spec, Date.now());
    const passwordHash = await new PasswordHasher(secret, 12).hash(PASSWORD);
    const { people } = spec;
    const show = progress(`a crowd of ${people.toLocaleString("en")}`, recordsOf(crowd));
    await fillCrowd(mongoUrl(name), crowd, { passwordHash, filled: show });
    return { crowd, mongoUrl: mongoUrl(name), db: client.db(name) };
  };
  const town: Stage["town"] = (name = "town", spec = size.crowd) =>
    once(towns, name, () => settle(name, spec));
  return {
    size,
    load,
    env,
    program,
    mongoUrl,
    start,
    town,
    towns: async () => {
      const all: Town[] = [];
      for (const spec of size.villages) all.push(await town(`village${spec.people}`, spec));
      return [...all, await town()];
    },
    warble: async (town, anew) => {
      if (anew) await (await servers.get(town))?.stop();
      if (anew) servers.delete(town);
      return once(servers, town, () => start("server", { mongoUrl: town.mongoUrl }));
    },
    tokens: ({ crowd }, people) =>
      Promise.all(
        people.map(async (person) => {
          const id = String(crowd.userId(person));
          return (await keys.signAccess({ userId: id, sessionId: id }, ACCESS_SECONDS)).token;
        }),
      ),
  };
}

function once<Key, T>(made: Map<Key, Promise<T>>, key: Key, make: () => Promise<T>): Promise<T> {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}

/** About how many records a crowd is. */
function recordsOf({ size, tweets, follows, retweets, likes }: Crowd): number {
  const lists = [follows, retweets, likes].flat();
  return size * 3 + tweets * 2.125 + lists.reduce((sum, list) => sum + list.length, 0);
}
