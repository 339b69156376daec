import { randomBytes } from "node:crypto";
import type { TestApp } from "@warble/server/test";
import { createWarble, memoryStorage, type SessionStorage, type Warble } from "../src/index";

export const PASSWORD = "a long walk to the lighthouse";

/** A client of the test's server. */
export const clientOf = (app: TestApp, storage: SessionStorage = memoryStorage()): Warble =>
  createWarble({ url: app.running.url, storage });

/** Registers somebody through the front door, mail included, and signs in. */
export async function comeIn(
  app: TestApp,
  role: string,
  storage?: SessionStorage,
): Promise<Warble & { name: string; id: string }> {
  const name = `${role}_${randomBytes(3).toString("hex")}`;
  const warble = clientOf(app, storage);
  await warble.auth.register({ username: name, email: emailOf(name), password: PASSWORD });
  await warble.auth.verifyEmail(await mailed(app, name, /verify-email\?token=([\w-]+)/));
  const { id } = await warble.auth.login({ identifier: name, password: PASSWORD });
  return { ...warble, name, id };
}

export const emailOf = (name: string): string => `${name}@example.com`;

/** What `pattern` finds in the newest mail that has it, once it has arrived. */
export async function mailed(app: TestApp, name: string, pattern: RegExp): Promise<string> {
  return eventually(async () => {
    const response = await fetch(`${app.running.url}/inbox/mails?to=${emailOf(name)}`);
    const mails: { text: string }[] = await response.json();
    return mails.map((mail) => pattern.exec(mail.text)?.[1]).find(Boolean);
  }, `a mail to ${name}`);
}

/** Asks until there is an answer, ten seconds at most. */
export async function eventually<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  what: string,
): Promise<T> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} did not come`);
}
