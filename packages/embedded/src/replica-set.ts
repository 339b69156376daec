import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import mongoose from "mongoose";

const { MongoClient, MongoServerError } = mongoose.mongo;
type Db = mongoose.mongo.Db;

export const SET_NAME = "warble";
const ALREADY_INITIALIZED = 23;

export const urlOf = (port: number): string => `mongodb://127.0.0.1:${port}/warble?directConnection=true`;

interface Member {
  port: number;
  /** Whether a majority write waits for the journal: what a crash must not lose. */
  durable: boolean;
}

/** Makes the mongod the primary of a replica set of its own, and waits until it takes writes. */
export async function becomePrimary(member: Member, timeoutMs: number): Promise<void> {
  const initiate = async (admin: Db): Promise<void> => {
    const deadline = Date.now() + timeoutMs;
    let problem = "it is not elected";
    while (Date.now() < deadline) {
      const hello = await admin.command({ hello: 1 });
      if (hello.isWritablePrimary) return;
      if (!hello.setName) problem = (await configure(admin, member)) ?? problem;
      await sleep(10);
    }
    throw new Error(`mongod on port ${member.port} takes no writes after ${timeoutMs / 1000} s: ${problem}`);
  };
  await asAdmin(urlOf(member.port), initiate, timeoutMs);
}

/** Initiates the set, or moves its one member to the port of today; says what stands in the way. */
async function configure(admin: Db, { port, durable }: Member): Promise<string | undefined> {
  const host = `127.0.0.1:${port}`;
  const config = {
    _id: SET_NAME,
    version: 1,
    writeConcernMajorityJournalDefault: durable,
    members: [{ _id: 0, host }],
  };
  try {
    await admin.command({ replSetInitiate: config }).catch(async (error) => {
      if (error.code !== ALREADY_INITIALIZED) throw error;
      const { config: old } = await admin.command({ replSetGetConfig: 1 });
      if (old.members[0].host === host) return;
      const moved = { ...old, version: old.version + 1, members: [{ ...old.members[0], host }] };
      await admin.command({ replSetReconfig: moved, force: true });
    });
    return undefined;
  } catch (error) {
    if (error instanceof MongoServerError) return error.message;
    throw error;
  }
}

/** The directory that the mongod on this port keeps its data in; undefined where none answers. */
export async function dbPathOn(port: number): Promise<string | undefined> {
  if (!(await accepts(port))) return undefined;
  const answer = asAdmin(urlOf(port), (admin) => admin.command({ getCmdLineOpts: 1 }), 1_000);
  return answer.then(
    ({ parsed }) => parsed.storage?.dbPath,
    () => undefined,
  );
}

/** Whether anything listens: refused in no time, where the driver would try until its timeout. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
    socket.setTimeout(1_000, () => done(false));
  });
}

/** Runs `work` against the admin database of the server; each of its calls fails after `timeoutMs`. */
export async function asAdmin<T>(
  url: string,
  work: (admin: Db) => Promise<T>,
  timeoutMs = 5_000,
): Promise<T> {
  const limits = { serverSelectionTimeoutMS: timeoutMs, socketTimeoutMS: timeoutMs };
  const client = new MongoClient(url, { ...limits, appName: "warble-embedded" });
  try {
    return await work(client.db("admin"));
  } finally {
    await client.close();
  }
}
