import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";
import { DEFAULT_POLICY } from "../../platform/policy";

const app = startTestApp({ trustProxy: 1, policy: DEFAULT_POLICY });
const { call } = overHttp(app);

const from = (ip: string) => ({ headers: { "x-forwarded-for": ip } });
const many = async (count: number, attempt: (n: number) => ReturnType<typeof call>) => {
  const replies = [];
  for (let n = 0; n < count; n++) replies.push(await attempt(n));
  return replies;
};

describe("one network", () => {
  it.each([
    ["login", 30, (n: number) => ({ identifier: `nobody_${n}`, password: PASSWORD })],
    [
      "register",
      5,
      (n: number) => ({ username: `alice_${n}`, email: `a${n}@example.com`, password: PASSWORD }),
    ],
    ["requestPasswordReset", 25, (n: number) => ({ email: `nobody_${n}@example.com` })],
    ["verifyPasswordResetCode", 25, () => ({ email: "nobody@example.com", code: "123456" })],
  ] as const)("may call %s %i times, and no other network pays for it", async (name, allowed, input) => {
    const replies = await many(allowed, (n) => call(`auth.${name}`, input(n), from("203.0.113.7")));
    expect(replies.map(({ reason }) => reason)).not.toContain("RATE_LIMITED");
    const over = await call(`auth.${name}`, input(99), from("203.0.113.7"));
    expect([over.status, over.reason]).toEqual([429, "RATE_LIMITED"]);
    expect(Number(over.headers.get("retry-after"))).toBe(over.retryAfter);
    expect((await call(`auth.${name}`, input(99), from("203.0.113.8"))).reason).not.toBe("RATE_LIMITED");
  });

  it("may sign in thirty times, with a passkey or without", async () => {
    const replies = await many(30, (n) =>
      n % 2 > 0
        ? call("auth.beginPasskeyLogin", undefined, from("203.0.113.9"))
        : call("auth.login", { identifier: `spectre_${n}`, password: PASSWORD }, from("203.0.113.9")),
    );
    expect(replies.map(({ reason }) => reason)).not.toContain("RATE_LIMITED");
    const over = await call("auth.beginPasskeyLogin", undefined, from("203.0.113.9"));
    expect([over.status, over.reason]).toEqual([429, "RATE_LIMITED"]);
  });

  it("is an IPv6 host with all of its addresses", async () => {
    const attempt = (n: number) =>
      call("auth.login", { identifier: `ghost_${n}`, password: PASSWORD }, from(`2001:db8::${n + 1}`));
    expect((await many(31, attempt)).at(-1)?.reason).toBe("RATE_LIMITED");
  });

  it("counts every call of a batch", async () => {
    const body = Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [n, { identifier: `shade_${n}`, password: PASSWORD }]),
    );
    const path = Array(10).fill("auth.login").join(",");
    const batches = [];
    for (let n = 0; n < 4; n++) {
      const response = await fetch(`${app.running.url}/trpc/${path}?batch=1`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": "198.51.100.1" },
        body: JSON.stringify(body),
      });
      batches.push((await response.json()) as { error: { data: { reason: string } } }[]);
    }
    const reasons = batches.flat().map(({ error }) => error.data.reason);
    expect(reasons.filter((reason) => reason === "BAD_CREDENTIALS")).toHaveLength(30);
    expect(reasons.filter((reason) => reason === "RATE_LIMITED")).toHaveLength(10);
  });
});
