import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatSocket } from "../../src/features/chat/chat.handlers";
import { RULES } from "../../src/features/visibility/visibility.service";
import { oid } from "../../src/platform/id";
import { closeClients, connectWith } from "../chat-client";
import { startTestApp, unlimited } from "../harness";
import { closeStreams } from "../stream-client";
import { asker, procedures, tells } from "./asking";
import { CALLS } from "./calls";
import { ROWS } from "./table";
import { type Column, createWorld, type World } from "./world";

const app = startTestApp({
  logLevel: "silent",
  policy: { ...unlimited, freshFor: 3600, guesses: { free: 1e9, longestWait: 1, quiet: 1, stop: 1e9 } },
});
const { ask, askAndPutBack, connect, statusWith } = asker(app);

let world: World;
beforeAll(async () => {
  world = await createWorld(app);
  const viewers = Object.values(world).flatMap(({ viewer }) => viewer ?? []);
  await connect([...new Set([...viewers, world.F.owner.name])]);
}, 120_000);
afterAll(() => {
  closeClients();
  closeStreams();
});

type Cells = Record<string, string>;

/** What a row answers now, beside what it should; those that have something done one after the other. */
async function tryRow(row: string): Promise<{ found: Cells; expected: Cells }> {
  const asked = Object.entries(ROWS.get(row) ?? {}).filter(([, cell]) => cell !== ".");
  const found: Cells = {};
  const each = async ([column]: [string, string]) => {
    found[column] = await ask(row, world[column as Column]);
  };
  // A stream knows no other.
  if (tells(row) && !row.includes("stream")) await Promise.all(asked.map(each));
  else for (const one of asked) await each(one);
  return { found, expected: Object.fromEntries(asked) };
}

/** As `tryRow`, those that are to be refused before others; and whether these changed anything. */
async function tryActing(row: string): Promise<{ found: Cells; expected: Cells; changed: boolean }> {
  const expected = ROWS.get(row) ?? ({} as Cells);
  const columns = Object.keys(expected) as Column[];
  const found: Cells = {};
  await app.settled();
  const before = await digest(row);
  const refused = columns.filter((column) => expected[column] !== "+");
  await Promise.all(
    refused.map(async (column) => {
      found[column] = await ask(row, world[column]);
    }),
  );
  const changed = (await digest(row)) !== before;
  for (const column of columns.filter((each) => expected[each] === "+"))
    found[column] = await askAndPutBack(row, world[column]);
  return { found, expected, changed };
}

/** What calls might change; but for what a row makes anew for each. */
async function digest(row: string): Promise<string> {
  const made = /delete|remove|restore|hide|strike|appeal|assign|note|resolve|reopen/i.test(row);
  const kept = ["edges", "likes", "mutes", "conversations", "messages", "passkeys", "totps", "filters"];
  const collections = made ? kept : [...kept, "posts", "entries", "reports", "strikes", "exports"];
  const hashed = await mongoose.connection.db?.command({ dbHash: 1, collections });
  return JSON.stringify(hashed?.collections);
}

const nameOf = (row: string) => row.split(" ")[0];
const rows = [...ROWS.keys()];

test("every procedure and every event of the chat has a row, and every row is one of them", () => {
  const names = [...procedures.map(([path]) => path), ...Object.keys(chatSocket.calls)].sort();
  expect([...new Set(rows.map(nameOf))].sort()).toEqual(names);
  expect(Object.keys(CALLS).sort()).toEqual([...rows].sort());
});

describe("who is told what", () => {
  test.each(rows.filter(tells))("%s", async (row) => {
    const { found, expected } = await tryRow(row);
    expect(found).toEqual(expected);
  });
});

describe("without one of the rules, the table does not hold", () => {
  // All of them would take long; these few are where rules show.
  const telling = [
    "tweets.get",
    "users.get",
    "timelines.home",
    "timelines.home by retweet",
    "tweets.get deleted",
    "comments.get withheld",
    "comments.get across a block",
  ];

  test.each(RULES.map(({ name }, index) => [name, index] as const))("%s", async (_name, index) => {
    const rules = RULES as (typeof RULES)[number][];
    const [taken] = rules.splice(index, 1);
    try {
      for (const row of telling) {
        const { found, expected } = await tryRow(row);
        if (JSON.stringify(found) !== JSON.stringify(expected)) return;
      }
      expect.fail(`no row tells that "${taken?.name}" is missing`);
    } finally {
      rules.splice(index, 0, taken!);
    }
  });

  test("and with all of them it holds again", async () => {
    const { found, expected } = await tryRow("tweets.get");
    expect(found).toEqual(expected);
  });
});

describe("who may do what", () => {
  // On sockets first: some calls have them closed.
  const acting = rows.filter((row) => !tells(row)).sort((a, b) => +b.includes(":") - +a.includes(":"));
  test.each(acting)("%s", async (row) => {
    const { found, expected, changed } = await tryActing(row);
    expect(found).toEqual(expected);
    expect(changed, "what is refused changes nothing").toBe(false);
  });
});

describe("a token that is not good", () => {
  const bad: Record<string, () => Promise<string>> = {
    "that has expired": async () => {
      const sessionId = world.U.owner.session;
      const { token } = await app.running.app.tokens.signAccess({ userId: world.U.owner.id, sessionId }, -60);
      return token;
    },
    "whose session has ended": async () => {
      const token = await app.tokenFor("ned");
      const where = { userId: oid(await app.id("ned")) };
      await mongoose.connection.collection("sessions").updateMany(where, { $set: { revokedAt: new Date() } });
      return token;
    },
    "of somebody suspended": () => app.tokenFor("sue"),
    "of somebody whose account is deactivated": () => app.tokenFor("dora"),
    "of somebody who has deleted their account": () => app.tokenFor("dell"),
    "that is none": async () => "none",
  };

  test.each(Object.keys(bad))("%s is refused by every procedure and by the socket", async (which) => {
    const token = (await bad[which]?.()) ?? "";
    const first = procedures.map(([path]) => rows.find((row) => nameOf(row) === path) ?? path);
    const statuses = await Promise.all(
      first.map(async (row) => [row, await statusWith(row, world.U, token)] as const),
    );
    expect(statuses.filter(([, status]) => status !== 401)).toEqual([]);
    await expect(connectWith(app, { auth: { token } })).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
  });
});
