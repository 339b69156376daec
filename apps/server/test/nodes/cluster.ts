import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { SignedIn, Tokens } from "@warble/contracts";
import { startThrowawayRedis, type ThrowawayRedis } from "@warble/embedded";
import mongoose from "mongoose";
import { afterAll, beforeAll } from "vitest";
import { built } from "../built";
import { testConfig } from "../harness";
import { PASSWORD } from "../http";
import { visit } from "../mistakes/client";
import type { Address } from "../raw-socket";
import { type Cut, type Door, roundRobin } from "./proxy";

export type { Address } from "../raw-socket";

const START_MS = 90_000;

/** A person who has signed in on one of the nodes. */
export interface Guest {
  id: string;
  name: string;
  accessToken: string;
  tokens: Tokens;
}

/** Several server processes on one database and one Redis. */
export interface Cluster {
  readonly nodes: Address[];
  /** All nodes in turns, behind a proxy that knows nobody. */
  readonly door: Address;
  readonly redis: ThrowawayRedis;
  readonly db: mongoose.mongo.Db;
  /** A door of the same kind whose connections are cut; it counts how many were. */
  flakyDoor(plan: () => Cut | undefined): Promise<Address & { cuts(): number }>;
  /** Tells a node to stop, unless it is dead, and starts another in its place, at the same address. */
  restart(node: number): Promise<void>;
  /** How many sessions have a socket or a stream open on a node, and what it holds in memory. */
  ask(node: number): Promise<{ sessions: number; megabytes: number }>;
  /** Whether a node has ended. */
  isDead(node: number): boolean;
  /** Whether all nodes say that Redis answers. */
  isJoined(): boolean;
  /** Kills a node, which says nothing more. */
  kill(node: number): Promise<void>;
  /** A new session of one of the people. */
  signIn(name: string, node?: number): Promise<Guest>;
}

interface ClusterOptions {
  people: string[];
  count?: number;
  /** The limits that strangers meet; without them nothing is refused for being often. */
  limited?: boolean;
}

interface Node extends Address {
  child: ChildProcess;
  output(): string;
}

/** Starts the nodes before the file's tests, and ends them after it. */
export function startCluster({ people, count = 2, limited = false }: ClusterOptions): Cluster {
  const nodes: Node[] = [];
  const urls = () => nodes.map(({ running }) => running.url);
  let redis: ThrowawayRedis | undefined;
  const doors: Door[] = [];
  let connection: mongoose.Connection | undefined;
  let env: Record<string, string> = {};
  beforeAll(async () => {
    redis = await startThrowawayRedis();
    env = environment(redis.url, limited);
    const starts = Array.from({ length: count }, (_, node) => (node === 0 ? people.join() : ""));
    nodes.push(...(await Promise.all(starts.map((PEOPLE) => startNode({ ...env, PEOPLE })))));
    doors.push(await roundRobin(urls()));
    connection = await mongoose.createConnection(env.MONGO_URL ?? "").asPromise();
  }, START_MS);
  afterAll(async () => {
    for (const door of doors) await door.close();
    await Promise.all(nodes.map(({ child }) => endNode(child, "SIGKILL")));
    await connection?.dropDatabase();
    await connection?.close();
    await redis?.stop();
  }, START_MS);
  return {
    nodes,
    get door() {
      return { running: { url: doors[0]!.url } };
    },
    flakyDoor: async (plan) => {
      let cuts = 0;
      const door = await roundRobin(urls(), plan, () => cuts++);
      doors.push(door);
      return { running: { url: door.url }, cuts: () => cuts };
    },
    get redis() {
      return redis!;
    },
    get db() {
      return connection!.db!;
    },
    restart: async (node) => {
      const { running, child } = nodes[node]!;
      await endNode(child, "SIGTERM");
      nodes[node] = await startNode({ ...env, PORT: new URL(running.url).port });
    },
    ask: async (node) => {
      const { child } = nodes[node]!;
      const answered = once(child, "message");
      child.send("sessions");
      const [answer] = await answered;
      return answer;
    },
    isDead: (node) => hasEnded(nodes[node]!.child),
    isJoined: () =>
      nodes.every((node) => {
        const said = node.output();
        return said.lastIndexOf("Redis answers") > said.lastIndexOf("Redis is away");
      }),
    kill: (node) => endNode(nodes[node]!.child, "SIGKILL"),
    signIn: async (name, node = 0) => {
      const { data, text } = await visit(nodes[node]!).login(name);
      if (!data) throw new Error(`${name} cannot sign in: ${text}`);
      return guestOf(data);
    },
  };
}

const guestOf = ({ user, tokens }: SignedIn): Guest => ({
  id: user.id,
  name: user.username,
  accessToken: tokens.accessToken,
  tokens,
});

function environment(redisUrl: string, limited: boolean) {
  const { mongoUrl, jwtSecrets, passwordPepper } = testConfig();
  return {
    PATH: process.env.PATH ?? "",
    NODE_ENV: "test",
    PORT: "0",
    MONGO_URL: mongoUrl,
    REDIS_URL: redisUrl,
    JWT_SECRETS: jwtSecrets.join(),
    PASSWORD_PEPPER: passwordPepper,
    PASSWORD_COST: "4",
    TRUST_PROXY: "1",
    LOG_LEVEL: "info",
    PASSWORD,
    ...(limited && { LIMITED: "yes" }),
  };
}

async function startNode(env: Record<string, string>): Promise<Node> {
  const child = spawn(process.execPath, ["--expose-gc", built("node")], {
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { url: string }).url));
    child.once("exit", (code) => reject(new Error(`a node ended with ${code}:\n${output}`)));
  });
  return { running: { url }, child, output: () => output };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

async function endNode(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}

/** Says what was measured. */
export const report = (line: string): void => void process.stdout.write(`  ${line}\n`);
