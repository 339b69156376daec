// Makes the calls of a load, in a process of its own, so that what it costs is not the server's.
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { Call, Done, Work } from "./load";

process.on("disconnect", () => process.exit());
process.on("message", (work: Work) => {
  run(work).then(
    (done) => process.send?.({ done }),
    (error) => process.send?.({ failed: String(error) }),
  );
});

async function run(work: Work): Promise<Done> {
  const { urls, calls, atOnce, forMs, perSecond, mayFail = false } = work;
  const pools = urls.map(
    (url) => new Pool(url, { connections: atOnce, pipelining: 1, keepAliveTimeout: 60_000 }),
  );
  const took: number[] = [];
  let [begun, bytes] = [0, 0];
  const start = performance.now();
  const isOver = () => (forMs === undefined ? begun >= calls.length : performance.now() - start >= forMs);
  const callOn = async () => {
    while (!isOver()) {
      const number = begun++;
      if (perSecond) await sleep(Math.max(0, start + (number / perSecond) * 1000 - performance.now()));
      const sent = performance.now();
      const [pool, call] = [pools[number % pools.length], calls[number % calls.length]];
      const length = pool && call ? await answerTo(pool, call, mayFail) : 0;
      bytes += length;
      took.push(performance.now() - sent);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, callOn));
    return { ms: Float64Array.from(took), tookMs: performance.now() - start, bytes };
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
}

/** @returns how many bytes were answered */
async function answerTo(pool: Pool, { path, token, body }: Call, mayFail: boolean): Promise<number> {
  const { statusCode, body: answer } = await pool.request({
    path,
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body }),
  });
  const bytes = await answer.bytes();
  if (statusCode !== 200 && !mayFail)
    throw new Error(`${path.slice(0, 80)} was answered with ${statusCode}: ${Buffer.from(bytes)}`);
  return bytes.length;
}
