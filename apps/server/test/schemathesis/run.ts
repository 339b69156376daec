// Schemathesis against a live server on a throwaway database: first as nobody, then as an administrator. `tsx run.ts`
// tries the same cases each time; `tsx run.ts 1200` tries other ones, for 20 minutes.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startThrowawayMongo } from "@warble/embedded";
import { callAs } from "../../seed/caller";
import { DEMO_PASSWORD, seedPeople } from "../../seed/people";
import { createApp } from "../../src/app";
import { readConfig } from "../../src/config";
import { changeUser, findUser } from "../../src/features/users/user.service";
import { unlimited } from "../policy";

const here = import.meta.dirname;
const venv = join(here, "../../.warble/schemathesis");
const program = (name: string) => join(venv, "bin", name);

/** What ends the session that all others need. */
const ENDING = "^(auth\\.logout|users\\.deactivate)$";
const ANONYMOUS_SECONDS = 20;
const [seconds] = process.argv.slice(2);
const SIGNED_IN_SECONDS = seconds ?? "70";
/** What somebody changed should not go red for what nobody has found before. */
const SEED = seconds ? [] : ["--seed", "1"];

function install(): void {
  const commands: [string, string[]][] = [
    ...(existsSync(program("pip")) ? [] : [["python3", ["-m", "venv", venv]] as [string, string[]]]),
    [program("pip"), ["install", "--quiet", "--requirement", join(here, "requirements.txt")]],
  ];
  for (const [command, args] of commands) {
    const { status } = spawnSync(command, args, { stdio: "inherit" });
    if (status !== 0) throw new Error(`${command} ${args[0]} failed`);
  }
}

install();
const mongo = await startThrowawayMongo();
const secret = randomBytes(32).toString("base64");
const config = readConfig({
  NODE_ENV: "test",
  PORT: "0",
  MONGO_URL: mongo.url,
  JWT_SECRETS: secret,
  PASSWORD_PEPPER: secret,
  PASSWORD_COST: "4",
  LOG_LEVEL: "error",
});
const running = await createApp({ ...config, policy: { ...unlimited, accessTtl: 3600, freshFor: 3600 } });
const { app, url } = running;
await seedPeople(app);
const ids = await idsOfAll();
const anonymous = await test({}, ["--max-time", String(ANONYMOUS_SECONDS)]);
const signedIn = await test({ WARBLE_TOKEN: await tokenOf("alice") }, [
  "--exclude-operation-id-regex",
  ENDING,
  "--max-time",
  SIGNED_IN_SECONDS,
]);
await running.close();
await mongo.stop();
process.exit(anonymous && signedIn ? 0 : 1);

/** What there is, by kind. */
async function idsOfAll(): Promise<Record<string, string[]>> {
  const alice = await findUser({ username: "alice" });
  if (!alice) throw new Error("alice is not there");
  await changeUser(String(alice._id), { role: "admin" });
  const viewer = {
    id: String(alice._id),
    username: "alice",
    sessionId: "",
    role: "admin",
    emailVerified: true,
  };
  const caller = callAs(app, { ...viewer, role: "admin" });
  const { items } = await caller.timelines.home({});
  const conversations = (await caller.chat.conversations({})).items;
  const tweets = items.map(({ tweet }) => tweet);
  const threads = await Promise.all(tweets.map(({ id }) => caller.comments.list({ tweetId: id })));
  return {
    user: [...new Set([viewer.id, ...tweets.map(({ author }) => author.id)])],
    tweet: tweets.map(({ id }) => id),
    comment: threads.flatMap((thread) => thread.items.map(({ id }) => id)),
    conversation: conversations.map(({ id }) => id),
    message: conversations.flatMap(({ lastMessage }) => lastMessage?.id ?? []),
  };
}

async function tokenOf(identifier: string): Promise<string> {
  const signedIn = await callAs(app, null).auth.login({ identifier, password: DEMO_PASSWORD });
  return signedIn.tokens.accessToken;
}

/** Whether Schemathesis finds nothing. */
function test(env: Record<string, string>, args: string[]): Promise<boolean> {
  const common = ["--config-file", join(here, "schemathesis.toml"), "run", `${url}/openapi.json`];
  const environment = {
    ...process.env,
    ...env,
    SCHEMATHESIS_HOOKS: "hooks",
    PYTHONPATH: here,
    WARBLE_IDS: JSON.stringify(ids),
  };
  const child = spawn(program("st"), [...common, "--workers", "1", "--no-shrink", ...SEED, ...args], {
    stdio: "inherit",
    env: environment,
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", (code) => resolve(code === 0));
  });
}
