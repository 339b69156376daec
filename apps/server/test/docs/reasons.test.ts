import { COMMON_REASONS, ErrorReason, REASONS, type ReasonTable } from "@warble/contracts";
import { CHAT_CALLS } from "@warble/contracts/socket";
import { expect, it } from "vitest";
import { contextOf } from "../../seed/caller";
import { appRouter } from "../../src/app";
import { commentOn } from "../../src/docs/comments";
import { WarbleError } from "../../src/platform/error";
import { anyone, checkAnswers, createCaller, namedReason, router } from "../../src/platform/trpc";
import { startTestApp } from "../harness";

const app = startTestApp({ logLevel: "silent" });
const table: ReasonTable = REASONS;
const procedures = Object.keys(appRouter._def.procedures);

it("the table of reasons names every procedure and every call of the socket, and nothing else", () => {
  expect(Object.keys(table).sort()).toEqual([...procedures, ...Object.keys(CHAT_CALLS)].sort());
});

it("names no reason twice, and none that any call may fail with", () => {
  for (const [name, reasons] of Object.entries(table)) {
    expect([name, new Set(reasons).size]).toEqual([name, reasons.length]);
    expect([
      name,
      reasons.filter((reason) => (COMMON_REASONS as readonly string[]).includes(reason)),
    ]).toEqual([name, []]);
  }
});

it.each(procedures)("what %s says of itself names the reasons of the table", (name) => {
  const words = commentOn(name).match(/\b[A-Z]+(?:_[A-Z]+)*\b/g) ?? [];
  const said = words.filter((word) => ErrorReason.safeParse(word).success);
  const own = said.filter((word) => !(COMMON_REASONS as readonly string[]).includes(word));
  expect([...new Set(own)].sort()).toEqual([...(table[name] ?? [])].sort());
});

it("a reason that is not named for a call is a fault where answers are checked, and passes in production", async () => {
  const failing = router({
    tweets: router({
      get: anyone.query((): never => {
        throw new WarbleError("LAST_ADMIN");
      }),
    }),
  });
  const caller = createCaller(failing)(contextOf(app.running.app, null));
  await expect(caller.tweets.get()).rejects.toMatchObject({
    reason: "INTERNAL",
    message: expect.stringContaining("tweets.get fails with LAST_ADMIN"),
  });
  checkAnswers(false);
  try {
    await expect(caller.tweets.get()).rejects.toMatchObject({ reason: "LAST_ADMIN" });
    const named = namedReason("chat:typing", new WarbleError("LAST_ADMIN"));
    expect(named.reason).toBe("LAST_ADMIN");
  } finally {
    checkAnswers(true);
  }
  expect(namedReason("chat:typing", new WarbleError("LAST_ADMIN")).reason).toBe("INTERNAL");
  expect(namedReason("chat:typing", new WarbleError("RATE_LIMITED")).reason).toBe("RATE_LIMITED");
});
