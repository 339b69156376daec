import { describe, expect, test } from "vitest";
import { startTestApp, unlimited } from "../../test/harness";
import type { Config } from "../config";
import { networkOf } from "./rate-limit";

const anonymous = { points: 20, seconds: 60, byNetwork: true };
const user = { points: 30, seconds: 60 };
const policy = {
  ...unlimited,
  general: { user, anonymous },
  limits: {
    ...unlimited.limits,
    tweet: [
      { points: 15, seconds: 8 },
      { points: 25, seconds: 60 },
    ],
  },
};

type Asked = { headers?: Record<string, string>; path?: string };

const start = (overrides: Partial<Config>) => {
  const app = startTestApp({ policy, logLevel: "silent", ...overrides });
  const ask = ({ headers = {}, path = "/trpc/users.get" }: Asked = {}) =>
    fetch(app.running.url + path, { headers });
  const statuses = async (count: number, asked: (index: number) => Asked) => {
    const seen: number[] = [];
    for (let index = 0; index < count; index++) seen.push((await ask(asked(index))).status);
    return seen;
  };
  const write = async (name: string, count = 1) => {
    const body = Object.fromEntries(Array.from({ length: count }, (_, index) => [index, { content: "hi" }]));
    const path = Array(count).fill("tweets.create").join(",");
    return fetch(`${app.running.url}/trpc/${path}?batch=1`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await app.tokenFor(name)}` },
      body: JSON.stringify(body),
    });
  };
  return { app, ask, statuses, write };
};

const refused = (statuses: number[]) => statuses.filter((status) => status === 429).length;
const forwarded = (value: string): Asked => ({ headers: { "x-forwarded-for": value } });

describe("without a trusted proxy", () => {
  const { ask, statuses } = start({ trustProxy: false });

  test("an invented address gains nothing, nor does another way to write a path", async () => {
    const seen = await statuses(100, (index) => ({
      headers: {
        "x-forwarded-for": `203.0.113.${index}`,
        "x-real-ip": `203.0.113.${index}`,
        forwarded: `for=203.0.113.${index}`,
        "cf-connecting-ip": `203.0.113.${index}`,
      },
    }));
    expect(refused(seen)).toBe(80);
    expect(seen.slice(0, 20)).toEqual(Array(20).fill(400));
    for (const path of [
      "/trpc/users.get/",
      "/TRPC/users.get",
      "/trpc//users.get",
      "/trpc/users%2eget",
      "/trpc/users.get?a=1",
      "/trpc/users.get;a=1",
      "/trpc/users/get",
      "//trpc/users.get",
      "/./trpc/users.get",
      "/trpc/%75sers.get",
      "/trpc/USERS.GET",
    ]) {
      // Either the same procedure under the same limit, or none at all.
      expect([path, [404, 429]]).toEqual([path, expect.arrayContaining([(await ask({ path })).status])]);
    }
  });

  test("a refusal says how long to wait, in the body and in the headers", async () => {
    const response = await ask();
    const { error } = (await response.json()) as { error: { data: { reason: string; retryAfter: number } } };
    expect([response.status, error.data.reason]).toEqual([429, "RATE_LIMITED"]);
    expect(error.data.retryAfter).toBeGreaterThan(0);
    expect(error.data.retryAfter).toBeLessThanOrEqual(60);
    expect(response.headers.get("retry-after")).toBe(String(error.data.retryAfter));
    expect(response.headers.get("ratelimit")).toBe(`limit=20, remaining=0, reset=${error.data.retryAfter}`);
    expect(response.headers.get("ratelimit-policy")).toBe("20;w=60");
  });

  test("a bad token does not escape the count", async () => {
    const seen = await statuses(3, () => ({ headers: { authorization: "Bearer x" } }));
    expect(refused(seen)).toBe(3);
  });

  test("health is never refused", async () => {
    expect(refused(await statuses(50, () => ({ path: "/livez" })))).toBe(0);
  });
});

describe("behind one trusted proxy", () => {
  const { statuses } = start({ trustProxy: 1 });

  test("clients have a count each, and what they claim to be does not matter", async () => {
    expect(refused(await statuses(25, () => forwarded("203.0.113.1")))).toBe(5);
    expect(refused(await statuses(10, () => forwarded("203.0.113.2")))).toBe(0);
    const spoofed = await statuses(15, (index) => forwarded(`198.51.100.${index}, 203.0.113.1`));
    expect(refused(spoofed)).toBe(15);
    expect(refused(await statuses(5, () => forwarded("::ffff:203.0.113.1")))).toBe(5);
    expect(refused(await statuses(5, () => forwarded("::FFFF:203.0.113.1")))).toBe(5);
    expect(refused(await statuses(5, () => forwarded("203.0.113.1, 203.0.113.3")))).toBe(0);
  });

  test("an IPv6 network is one client, its neighbour another", async () => {
    const rotated = await statuses(25, (index) => forwarded(`2001:db8:1:2::${index.toString(16)}`));
    expect(refused(rotated)).toBe(5);
    expect(refused(await statuses(5, () => forwarded("2001:db8:1:3::1")))).toBe(0);
  });
});

describe("behind trusted networks", () => {
  const { statuses } = start({ trustProxy: ["127.0.0.0/8", "::1", "10.0.0.0/8"] });

  test("the last address that is no proxy's is the client's", async () => {
    expect(refused(await statuses(25, () => forwarded("203.0.113.1, 10.0.0.7")))).toBe(5);
    expect(refused(await statuses(5, (i) => forwarded(`198.51.100.${i}, 203.0.113.1, 10.1.1.1`)))).toBe(5);
    expect(refused(await statuses(5, () => forwarded("203.0.113.2, 10.0.0.7")))).toBe(0);
  });
});

describe("signed in", () => {
  const { write, app, ask } = start({});

  test("each call of a batch counts, in every window, and nobody else pays", async () => {
    const first = await write("alice", 10);
    expect(first.status).toBe(200);
    expect(first.headers.get("ratelimit-policy")).toBe("15;w=8");
    expect(first.headers.get("ratelimit")).toMatch(/^limit=15, remaining=5, reset=[1-8]$/);
    const second = await write("alice", 10);
    expect(second.status).toBe(207);
    const answers = (await second.json()) as { error?: { data: { reason: string } } }[];
    expect(answers.map(({ error }) => error?.data.reason)).toEqual([
      ...Array(5).fill(undefined),
      ...Array(5).fill("RATE_LIMITED"),
    ]);
    expect(second.headers.get("retry-after")).toMatch(/^[1-8]$/);
    expect((await write("bob")).status).toBe(200);
    expect((await ask()).status).toBe(400);
  });

  test("the longer window holds when the shorter one has passed", async () => {
    await expect
      .poll(async () => (await write("alice")).headers.get("ratelimit-policy"), {
        interval: 300,
        timeout: 12_000,
      })
      .toBe("30;w=60");
    const refusal = await write("alice", 10);
    expect(refusal.headers.get("ratelimit")).toMatch(/^limit=30, remaining=0, reset=\d+$/);
    expect(Number(refusal.headers.get("retry-after"))).toBeGreaterThan(8);
    const mine = await fetch(`${app.running.url}/trpc/auth.me`, {
      headers: { authorization: `Bearer ${await app.tokenFor("alice")}` },
    });
    expect(mine.status).toBe(429);
  });
});

describe("networkOf", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:0DB8:0000:0000:ffff:ffff:ffff:ffff", "2001:db8:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["1::", "1:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"],
    ["64:ff9b::203.0.113.7", "203.0.113.7"],
    ["64:ff9b:1::203.0.113.7", "64:ff9b:1:0::/64"],
    ["2001:db8::203.0.113.7", "2001:db8:0:0::/64"],
    ["", ""],
    ["unknown", "unknown"],
  ])("%s is of %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});
