import { beforeAll, expect, test } from "vitest";
import { startTestApp, unlimited } from "../harness";
import { median, overHttp, type Reply } from "../http";

const TRIALS = 300;
/** A machine that is busy with other things is measured again, so often. */
const TRIES = 5;

const app = startTestApp({
  policy: { ...unlimited, guesses: { ...unlimited.guesses, free: 1e6, stop: 1e6 } },
});
const { login, join } = overHttp(app);

const WRONG = "teal otters whistle at dawn";
const stranger = { "user-agent": "stranger" };
const guess = (name: string) => login(name, WRONG, stranger);

beforeAll(async () => {
  await join("alice");
});

const sorted = (values: number[]) => values.toSorted((a, b) => a - b);

/** The probability of two samples as far apart as these, if they are of one distribution (Kolmogorov and Smirnov). */
function sameDistribution(one: number[], other: number[]): number {
  const [a, b] = [sorted(one), sorted(other)];
  let [i, j, apart] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    if ((a[i] ?? 0) <= (b[j] ?? 0)) i++;
    else j++;
    apart = Math.max(apart, Math.abs(i / a.length - j / b.length));
  }
  const size = Math.sqrt((a.length * b.length) / (a.length + b.length));
  const x = (size + 0.12 + 0.11 / size) * apart;
  let p = 0;
  for (let k = 1; k <= 100; k++) p += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, p));
}

/** Guesses at both names in turn, so that whatever else the machine does falls on both. */
async function measure(known: string, unknown: string) {
  const [here, nowhere]: [Reply[], Reply[]] = [[], []];
  for (let n = 0; n < TRIALS; n++) {
    const first = Math.random() < 0.5;
    for (const isKnown of [first, !first]) {
      if (isKnown) here.push(await guess(known));
      else nowhere.push(await guess(unknown));
    }
  }
  const bodies = new Set([...here, ...nowhere].map(({ status, text }) => `${status} ${text}`));
  expect(bodies.size).toBe(1);
  const [one, other] = [here, nowhere].map((replies) => replies.map(({ ms }) => ms)) as [number[], number[]];
  return { apart: Math.abs(median(one) / median(other) - 1), p: sameDistribution(one, other) };
}

async function tellApart(known: string, unknown: string): Promise<void> {
  for (let n = 0; n < 20; n++) await guess(n % 2 ? known : unknown);
  const found = [];
  for (let n = 0; n < TRIES; n++) {
    const { apart, p } = await measure(known, unknown);
    if (apart < 0.05 && p > 0.01) return;
    found.push(`medians ${(100 * apart).toFixed(1)} % apart, p = ${p.toPrecision(2)}`);
  }
  expect.fail(found.join("; "));
}

test.each([
  ["a username", "alice", "zelda"],
  ["an address", "alice@example.com", "zelda@example.com"],
])(
  "a wrong password takes as long for %s that exists as for one that does not",
  (_what, known, unknown) => tellApart(known, unknown),
  180_000,
);
