import { TRPCError } from "@trpc/server";
import { ErrorReason } from "@warble/contracts";
import mongoose from "mongoose";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { shapeOf, toWarbleError, WarbleError } from "./error";

const { MongoServerError, MongoNetworkError, MongoNetworkTimeoutError, MongoServerSelectionError } =
  mongoose.mongo;
const wrapped = (cause: unknown) => new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause });
const labelled = (label: string) => {
  const error = new MongoServerError({ message: "E11000 canary" });
  error.addErrorLabel(label);
  return error;
};
const refusedBy = (schema: z.ZodType, input: unknown) => schema.safeParse(input).error;

describe("toWarbleError", () => {
  test.each<[string, unknown]>([
    ["a server that is not found", new MongoServerSelectionError("canary", {} as never)],
    ["a broken connection", new MongoNetworkError("canary")],
    ["a silent connection", new MongoNetworkTimeoutError("canary")],
    ["a query that took too long", new MongoServerError({ message: "canary", codeName: "MaxTimeMSExpired" })],
    ["a connection that was closed meanwhile", Object.assign(new Error("canary"), { code: "EPIPE" })],
    ["a full disk", new MongoServerError({ message: "canary", codeName: "OutOfDiskSpace" })],
    ["a conflict that outlasted its retries", labelled("TransientTransactionError")],
    ["a primary that steps down", labelled("RetryableWriteError")],
  ])("%s is told as a service that is unavailable", (_, error) => {
    for (const given of [error, wrapped(error)]) {
      const refusal = toWarbleError(given);
      expect([refusal.reason, refusal.code, refusal.retryAfter]).toEqual([
        "UNAVAILABLE",
        "SERVICE_UNAVAILABLE",
        5,
      ]);
      expect(JSON.stringify(shapeOf(refusal, "id"))).not.toContain("canary");
    }
  });

  test.each<[string, unknown]>([
    ["an error", new Error("canary")],
    ["a clash of keys", new MongoServerError({ message: "E11000 canary", code: 11000 })],
    ["a cast", new mongoose.Error.CastError("canary", "canary", "canary")],
    ["a schema of ours that refuses", wrapped(refusedBy(z.object({ canary: z.string() }), {}))],
    ["a text", "canary"],
    ["nothing", undefined],
    ["an object", { message: "canary", code: "NOT_FOUND", reason: "canary" }],
  ])("%s is told as a mistake of ours, without a word of it", (_, error) => {
    for (const given of [error, wrapped(error)]) {
      const refusal = toWarbleError(given);
      expect([refusal.reason, refusal.code, refusal.retryAfter]).toEqual([
        "INTERNAL",
        "INTERNAL_SERVER_ERROR",
        undefined,
      ]);
      expect(JSON.stringify(shapeOf(refusal, "id"))).not.toContain("canary");
    }
  });

  test("a refusal stays what it is, also inside another error", () => {
    const refusal = new WarbleError("BUSY", { retryAfter: 3 });
    expect(toWarbleError(refusal)).toBe(refusal);
    expect(toWarbleError(wrapped(refusal))).toBe(refusal);
  });

  test("an input that is refused says where and what, and no more than twenty times", () => {
    const schema = z.strictObject({
      a: z.array(z.number()),
      b: z.union([z.object({ c: z.string() }), z.null()]),
    });
    const nested = refusedBy(schema, { a: [1, "x"], b: { c: 7 } });
    expect(toWarbleError(new TRPCError({ code: "BAD_REQUEST", cause: nested })).issues).toMatchObject([
      { path: ["a", 1], code: "invalid_type" },
      { path: ["b", "c"], code: "invalid_type" },
    ]);
    expect(toWarbleError(refusedBy(schema, { a: Array(500).fill("x"), b: null })).issues).toHaveLength(20);
  });
});

test("every reason has a code, a status and a sentence", () => {
  for (const reason of ErrorReason.options) {
    const { message, data } = shapeOf(new WarbleError(reason), "id");
    expect([reason, message]).toEqual([reason, expect.stringMatching(/^[A-Z].*\.$/)]);
    expect(data.httpStatus).toBeGreaterThanOrEqual(400);
    expect(data.httpStatus).toBeLessThan(reason === "INTERNAL" || reason === "UNAVAILABLE" ? 504 : 500);
  }
});
