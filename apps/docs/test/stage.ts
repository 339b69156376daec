import { inspect } from "node:util";
import { createWarble, memoryStorage, type Warble } from "@warble/sdk";
import type { TestApp } from "@warble/server/test";
import { isAs } from "./pages";

const PATIENCE_MS = 30_000;

interface Cast<Name extends string> {
  page: string;
  people: Name[];
  admins: Name[];
}

/** What a page finds beside the people that it names. */
interface Given {
  /** What `pattern` finds in the newest mail to this address, once it has come. */
  mailed: (address: string, pattern: RegExp) => Promise<string>;
  console: { log: (...values: unknown[]) => void };
  /** Waits until the next line is printed. @throws when it is another than `expected` */
  printed: (expected: string, line: number) => Promise<void>;
}

let app: TestApp | undefined;
const open = new Map<string, { left: string[]; people: Warble[] }>();

/** Has the pages play against this server. */
export function openStage(server: TestApp): void {
  app = server;
}

/** Where the server is, as a browser sees it. */
export const origin = (): string => new URL(app?.running.app.webUrl ?? "").origin;

/** Ends what a page has open. @returns what it printed without saying so */
export function leave(page: string): string[] {
  const { left = [], people = [] } = open.get(page) ?? {};
  for (const warble of people) warble.close();
  return left;
}

/** What a page begins with: its people, registered, verified and signed in. */
export async function stage<const Name extends string>(
  cast: Cast<Name>,
): Promise<Given & Record<Name, Warble>> {
  const left: string[] = [];
  const admins = new Set(cast.admins);
  const people = await Promise.all(
    [...cast.people, ...cast.admins].map(
      async (name) => [name, await comeIn(name, admins.has(name))] as const,
    ),
  );
  open.set(cast.page, { left, people: people.map(([, warble]) => warble) });
  const given: Given = {
    mailed,
    console: { log: (...values) => void left.push(values.map(shown).join(" ")) },
    printed: async (expected, line) => {
      const text = await eventually(() => (left.length > 0 ? left.shift() : undefined));
      if (text === undefined)
        throw new Error(`line ${line}: nothing was printed, where it says: ${expected}`);
      if (!isAs(text, expected)) throw new Error(`line ${line}: printed ${text}\nwhere it says: ${expected}`);
    },
  };
  return { ...given, ...(Object.fromEntries(people) as Record<Name, Warble>) };
}

async function comeIn(name: string, isAdmin: boolean): Promise<Warble> {
  if (!app) throw new Error("the stage is not open");
  await app.setRole(name, isAdmin ? "admin" : "user");
  const warble = createWarble({ url: app.running.url, storage: memoryStorage() });
  await warble.auth.login({ identifier: name, password: await app.passwordOf(name) });
  return warble;
}

async function mailed(address: string, pattern: RegExp): Promise<string> {
  const found = await eventually(async () => {
    const response = await fetch(`${app?.running.url}/inbox/mails?to=${encodeURIComponent(address)}`);
    const mails: { text: string }[] = await response.json();
    return mails.map(({ text }) => pattern.exec(text)?.[1]).find(Boolean);
  });
  if (!found) throw new Error(`no mail to ${address} has ${pattern}`);
  return found;
}

/** Asks until there is an answer, or patience ends. */
async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T | undefined> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

const shown = (value: unknown): string =>
  typeof value === "string" ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
