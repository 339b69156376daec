import { startTestApp } from "@warble/server/test";
import { expect, expectTypeOf, it } from "vitest";
import { createWarble, memoryStorage, type ReasonOf, refusalOf, WarbleError } from "../src/index";

const app = startTestApp({ logLevel: "silent" });
const missing = "0".repeat(24);

async function failureOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

it("narrows what a call was refused with to the reasons of that call", async () => {
  const warble = createWarble({ url: app.running.url, storage: memoryStorage() });
  const error = await failureOf(() => warble.api.tweets.get.query({ id: missing }));
  expect(refusalOf(error, "tweets.get")?.reason).toBe("TWEET_NOT_FOUND");
  const anonymous = await failureOf(() => warble.api.tweets.like.mutate({ id: missing }));
  expect(refusalOf(anonymous, "tweets.like")?.reason).toBe("NOT_SIGNED_IN");
  warble.close();
});

it("knows a server that does not answer, and nothing that Warble did not say", async () => {
  const warble = createWarble({ url: "http://localhost:1", storage: memoryStorage() });
  const error = await failureOf(() => warble.api.tweets.create.mutate({ content: "warble" }));
  expect(refusalOf(error, "tweets.create")?.reason).toBe("UNREACHABLE");
  expect(refusalOf(new Error("TWEET_NOT_FOUND"), "tweets.get")).toBeNull();
  warble.close();
});

it("has types in which a switch is complete, and a reason of another call is a mistake", () => {
  const said = (error: unknown): string => {
    const refusal = refusalOf(error, "tweets.like");
    switch (refusal?.reason) {
      case "TWEET_NOT_FOUND":
        return "gone";
      case "NOT_SIGNED_IN":
      case "EMAIL_NOT_VERIFIED":
        return "sign in";
      case "BAD_INPUT":
      case "BAD_REQUEST":
      case "TOO_LARGE":
      case "IDEMPOTENCY_MISMATCH":
      case "VERSION_SKEW":
        return "a mistake";
      case "RATE_LIMITED":
      case "BUSY":
      case "UNAVAILABLE":
      case "UNREACHABLE":
      case "TIMEOUT":
      case "CONFLICT":
        return "later";
      case "ABORTED":
      case "INTERNAL":
      case undefined:
        return "no idea";
      // @ts-expect-error tweets.like never fails with that
      case "LAST_ADMIN":
        return "never";
    }
  };
  expect(said(new WarbleError("TWEET_NOT_FOUND", "There is no such tweet."))).toBe("gone");
  expectTypeOf<ReasonOf<"tweets.retweet">>().toEqualTypeOf<"TWEET_NOT_FOUND" | "FORBIDDEN">();
  expectTypeOf<ReasonOf<"auth.me">>().toEqualTypeOf<never>();
  // @ts-expect-error there is no such call
  refusalOf(null, "tweets.shout");
});
