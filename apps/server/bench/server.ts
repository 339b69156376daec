// Warble as it is measured: a server in a process of its own that refuses nobody for being often.
import mongoose from "mongoose";
import { contextOf } from "../seed/caller";
import { createApp } from "../src/app";
import { readConfig } from "../src/config";
import { createAccount } from "../src/features/auth/account.service";
import { openSession } from "../src/features/auth/session.service";
import { changeUser, createUser } from "../src/features/users/user.service";
import { unlimited } from "../test/policy";
import { answerBench } from "./answer";
import { ACCESS_SECONDS, type Person } from "./target";

const AT_ONCE = 8;

const config = readConfig({
  ...process.env,
  NODE_ENV: "production",
  PORT: "0",
  PUBLIC_URL: "http://localhost",
  SMTP_URL: "smtp://localhost",
  MONGO_URL: process.argv[2],
  LOG_LEVEL: "error",
});
const policy = { ...unlimited, accessTtl: ACCESS_SECONDS, messageNotices: 1 };
const running = await createApp({ ...config, policy });
let made = 0;

async function makePerson(): Promise<Person> {
  const name = `person${made++}`;
  const user = await createUser(name, name);
  const id = String(user._id);
  await createAccount(user._id, { email: `${name}@example.com`, passwordHash: "none" });
  const verified = await changeUser(id, { emailVerified: true });
  return { id, token: (await openSession(contextOf(running.app, null), verified)).accessToken };
}

async function makePeople(count: number): Promise<Person[]> {
  const people: Person[] = [];
  while (people.length < count) {
    const next = Math.min(AT_ONCE, count - people.length);
    people.push(...(await Promise.all(Array.from({ length: next }, makePerson))));
  }
  return people;
}

answerBench(running.url, {
  client: mongoose.connection.getClient() as never,
  people: makePeople,
  idle: () => running.app.jobs.idle(),
});
