import { startThrowawayRedis, type ThrowawayRedis } from "@warble/embedded";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../src/platform/logger";
import { RateLimiter } from "../../src/platform/rate-limit";
import { RedisLink } from "../../src/platform/redis";
import { unlimited } from "../policy";

const policy = { ...unlimited, wrongPasswords: { points: 10, seconds: 60 } };

let redis: ThrowawayRedis;
let links: RedisLink[];
let nodes: RateLimiter[];
beforeAll(async () => {
  redis = await startThrowawayRedis();
  const log = createLogger("silent", false);
  links = [1, 2].map(() => new RedisLink({ url: redis.url, prefix: "warble:test", log }));
  await Promise.all(links.map((link) => link.ready()));
  nodes = links.map((link) => new RateLimiter(policy, link));
}, 60_000);
afterAll(async () => {
  for (const link of links) link.close();
  await redis.stop();
});

const waits = () => Promise.all(nodes.map((node) => node.wrongPasswordsWait()));

test("wrong passwords are counted over all nodes, and by each while Redis is gone", async () => {
  for (let n = 0; n < 9; n++) await nodes[n % 2]!.wrongPassword();
  expect(await waits()).toEqual([0, 0]);
  await nodes[1]!.wrongPassword();
  for (const wait of await waits()) {
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
  }
  await redis.kill();
  expect(await waits()).toEqual([0, 0]);
  for (let n = 0; n < 10; n++) await nodes[0]!.wrongPassword();
  const [here, there] = await waits();
  expect([here! > 0, there]).toEqual([true, 0]);
});
