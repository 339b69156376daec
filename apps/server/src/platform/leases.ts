import { newId } from "./id";
import type { RedisLink } from "./redis";

const BATCH = 200;

// On Redis' own clock, so that nodes whose clocks differ agree on what has expired.
const NOW = `local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;
const TAKE = `${NOW}
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now)
redis.call("ZADD", KEYS[1], now + ARGV[1], ARGV[2])
redis.call("PEXPIRE", KEYS[1], ARGV[1])
if redis.call("ZCARD", KEYS[1]) <= tonumber(ARGV[3]) then return 1 end
redis.call("ZREM", KEYS[1], ARGV[2])
return 0`;
const RENEW = `${NOW}
for index, key in ipairs(KEYS) do
  for holder in string.gmatch(ARGV[index + 1], "%S+") do redis.call("ZADD", key, now + ARGV[1], holder) end
  redis.call("PEXPIRE", key, ARGV[1])
end`;
const DROP = `redis.call("ZREM", KEYS[1], ARGV[1])`;
const COUNT = `${NOW}
local counts = {}
for index, key in ipairs(KEYS) do counts[index] = redis.call("ZCOUNT", key, "(" .. now, "+inf") end
return counts`;

const NO_END = 1e9;

/**
 * What is held on which node: counted over all nodes in Redis, where what a node no longer renews ends by itself.
 * Without a Redis, and while it is away, each node counts what it holds.
 */
export class Leases {
  readonly #redis: RedisLink | undefined;
  readonly #keptMs: number;
  readonly #self = String(newId());
  readonly #held = new Map<string, Set<string>>();
  readonly #timer: NodeJS.Timeout;
  #taken = 0;

  /** @param keptFor for how many seconds the leases of a node that has died count on */
  constructor(redis: RedisLink | undefined, keptFor: number) {
    this.#redis = redis;
    this.#keptMs = keptFor * 1000;
    this.#timer = setInterval(() => void this.#renew().catch(() => undefined), this.everyMs);
  }

  /** How often they are renewed. */
  get everyMs(): number {
    return this.#keptMs / 3;
  }

  /** Whether Redis has been there for so long that every node has said what it holds. */
  get complete(): boolean {
    return this.#redis !== undefined && this.#redis.thereFor > 2 * this.everyMs;
  }

  /** Takes one. @returns what gives it back */
  hold(key: string): () => void {
    const { holder, drop } = this.#add(key);
    this.#ask(key, holder, NO_END).catch(() => undefined);
    return drop;
  }

  /** Takes one, unless all nodes together hold `most` already. @returns what gives it back, or null */
  async take(key: string, most: number): Promise<(() => void) | null> {
    if ((this.#held.get(key)?.size ?? 0) >= most) return null;
    const { holder, drop } = this.#add(key);
    const isFree = await this.#ask(key, holder, most).catch(() => true);
    if (isFree) return drop;
    drop();
    return null;
  }

  /** How many are held under each of these keys. */
  async count(keys: string[]): Promise<number[]> {
    const here = keys.map((key) => this.#held.get(key)?.size ?? 0);
    if (!this.#redis) return here;
    try {
      const all: number[] = [];
      for (const some of batches(keys)) all.push(...((await this.#eval(COUNT, some, [])) as number[]));
      return here.map((count, index) => Math.max(count, all[index] ?? 0));
    } catch {
      return here;
    }
  }

  /** What is still held ends by itself: who comes back elsewhere meanwhile has not been gone. */
  close(): void {
    clearInterval(this.#timer);
  }

  #add(key: string): { holder: string; drop: () => void } {
    const holder = `${this.#self}:${++this.#taken}`;
    const holders = this.#held.get(key) ?? new Set();
    this.#held.set(key, holders.add(holder));
    const drop = () => {
      if (!holders.delete(holder)) return;
      if (holders.size === 0) this.#held.delete(key);
      if (this.#redis) this.#eval(DROP, [key], [holder]).catch(() => undefined);
    };
    return { holder, drop };
  }

  async #ask(key: string, holder: string, most: number): Promise<boolean> {
    if (!this.#redis) return true;
    return (await this.#eval(TAKE, [key], [String(this.#keptMs), holder, String(most)])) === 1;
  }

  async #renew(): Promise<void> {
    if (!this.#redis || this.#redis.away) return;
    for (const some of batches([...this.#held.keys()])) {
      const holders = some.map((key) => [...(this.#held.get(key) ?? [])].join(" "));
      await this.#eval(RENEW, some, [String(this.#keptMs), ...holders]);
    }
  }

  async #eval(script: string, keys: string[], args: string[]): Promise<unknown> {
    const prefix = `${this.#redis?.prefix}:held:`;
    return this.#redis?.eval(script, { keys: keys.map((key) => prefix + key), arguments: args });
  }
}

function batches(keys: string[]): string[][] {
  return Array.from({ length: Math.ceil(keys.length / BATCH) }, (_, index) =>
    keys.slice(index * BATCH, (index + 1) * BATCH),
  );
}
