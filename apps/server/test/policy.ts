import { DEFAULT_POLICY, type Policy } from "../src/platform/policy";

/** Policy for tests: nothing is refused for being often or slow, unless the test says so; presence is quick. */
export const unlimited: Policy = {
  ...DEFAULT_POLICY,
  deadline: 60,
  messageNotices: 0,
  trendsKeptFor: 0,
  presence: { grace: 1, keptFor: 6 },
  connections: { ...DEFAULT_POLICY.connections, perNetwork: 20_000, unjoined: 20_000 },
  wrongPasswords: { points: 1e9, seconds: 60 },
  general: {
    user: { points: 1e9, seconds: 60 },
    anonymous: { points: 1e9, seconds: 60, byNetwork: true },
  },
  limits: Object.fromEntries(Object.keys(DEFAULT_POLICY.limits).map((name) => [name, []])) as never,
};
