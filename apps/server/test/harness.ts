import { randomBytes } from "node:crypto";
import type { Role } from "@warble/contracts";
import mongoose from "mongoose";
import { afterAll, beforeAll } from "vitest";
import { type Caller, callAs, contextOf } from "../seed/caller";
import { DEMO_PASSWORD } from "../seed/people";
import { createApp, type Running } from "../src/app";
import { type Config, readConfig } from "../src/config";
import {
  changeAccount,
  createAccount,
  findAccount,
  proveAddress,
} from "../src/features/auth/account.service";
import { openSession } from "../src/features/auth/session.service";
import { EdgeModel } from "../src/features/relationships/edge.model";
import { changeUser, createUser, findUser } from "../src/features/users/user.service";
import type { Viewer } from "../src/platform/context";
import { newId, oid } from "../src/platform/id";
import { unlimited } from "./policy";

export type { Caller } from "../seed/caller";
export { unlimited } from "./policy";

/** A whole server on a database of its own, for one test file. */
export interface TestApp {
  readonly running: Running;
  /** The caller of a person by name; made, verified, at the first use. */
  as(name: string): Promise<Caller>;
  /** The caller of nobody. */
  anonymous: Caller;
  /** The id of a person by name. */
  id(name: string): Promise<string>;
  /** The access token of a new session of a person, for calls over HTTP and sockets. */
  tokenFor(name: string): Promise<string>;
  /** The password of a person, for who signs in by it: that of the demo people. */
  passwordOf(name: string): Promise<string>;
  /** Has two people follow each other, and nobody is told: what they write to each other is no request. */
  befriend(one: string, other: string): Promise<void>;
  setRole(name: string, role: Role): Promise<void>;
  /** Changes what is stored of a person; their next call knows. */
  change(name: string, change: Parameters<typeof changeUser>[1]): Promise<void>;
  /** Waits until all that follows from earlier calls has happened. */
  settled(): Promise<void>;
}

/** The configuration of a test's server: its own database, a fast password cost, a free port. */
export function testConfig(overrides: Partial<Config> = {}): Config {
  const base = process.env.WARBLE_TEST_MONGO_URL;
  if (!base) throw new Error("WARBLE_TEST_MONGO_URL is not set: the global set-up starts the database");
  const url = new URL(base);
  url.pathname = `/warble-${randomBytes(6).toString("hex")}`;
  const secret = randomBytes(32).toString("base64");
  const config = readConfig({
    NODE_ENV: "test",
    PORT: "0",
    MONGO_URL: url.href,
    JWT_SECRETS: secret,
    PASSWORD_PEPPER: secret,
    PASSWORD_COST: "4",
    LOG_LEVEL: "error",
  });
  return { ...config, policy: unlimited, ...overrides };
}

interface TestAppOptions {
  /** Whether tests count what is sent to the database: every answer is read once more for it. */
  counted?: boolean;
}

/** Starts a server before the file's tests and drops its database after them. */
export function startTestApp(
  overrides: Partial<Config> = {},
  { counted = false }: TestAppOptions = {},
): TestApp {
  let running: Running | undefined;
  const people = new Map<string, Promise<Viewer>>();
  const started = (): Running => {
    if (!running) throw new Error("the server is not running yet");
    return running;
  };
  beforeAll(async () => {
    const config = testConfig(overrides);
    const mongoUrl = new URL(config.mongoUrl);
    if (counted) mongoUrl.searchParams.set("monitorCommands", "true");
    running = await createApp({ ...config, mongoUrl: mongoUrl.href });
  });
  afterAll(async () => {
    await mongoose.connection.dropDatabase();
    await running?.close();
  });
  const person = (name: string): Promise<Viewer> => {
    const known = people.get(name) ?? makePerson(started(), name);
    people.set(name, known);
    return known;
  };
  const change = async (name: string, changes: Parameters<typeof changeUser>[1]): Promise<void> => {
    const viewer = await person(name);
    const { role, emailVerified } = await changeUser(viewer.id, changes);
    Object.assign(viewer, { role, emailVerified });
  };
  return {
    get running() {
      return started();
    },
    as: async (name) => {
      const viewer = await person(name);
      return callAs(started().app, viewer);
    },
    get anonymous() {
      return callAs(started().app, null);
    },
    id: async (name) => (await person(name)).id,
    tokenFor: async (name) => tokenOf(started(), await person(name)),
    passwordOf: async (name) => {
      const passwordHash = await started().app.passwords.hash(DEMO_PASSWORD);
      const account = await findAccount(oid((await person(name)).id));
      if (account) await changeAccount(account, { passwordHash });
      return DEMO_PASSWORD;
    },
    befriend: async (one, other) => {
      const [a, b] = [oid((await person(one)).id), oid((await person(other)).id)];
      for (const edge of [
        { kind: "follow" as const, fromId: a, toId: b },
        { kind: "follow" as const, fromId: b, toId: a },
      ]) {
        await EdgeModel.updateOne(edge, { $setOnInsert: { _id: newId() } }, { upsert: true });
      }
    },
    setRole: (name, role) => change(name, { role }),
    change,
    settled: () => started().app.jobs.idle(),
  };
}

async function makePerson(running: Running, name: string): Promise<Viewer> {
  const user = await createUser(name, name);
  const id = String(user._id);
  await createAccount(user._id, { email: `${name}@example.com`, passwordHash: "none" });
  await proveAddress(user._id);
  const { refreshToken } = await openSession(contextOf(running.app, null), user);
  const [sessionId = ""] = refreshToken.split(".");
  return { id, username: name, sessionId, role: "user", emailVerified: true };
}

async function tokenOf(running: Running, viewer: Viewer): Promise<string> {
  const user = await findUser({ id: viewer.id });
  if (!user) throw new Error(`${viewer.username} is not stored`);
  return (await openSession(contextOf(running.app, viewer), user)).accessToken;
}
