import { isIPv6 } from "node:net";
import type { LimitName } from "@warble/contracts";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { Context } from "./context";
import { WarbleError } from "./error";
import type { Policy, Window } from "./policy";
import type { RedisLink } from "./redis";

type Caller = Pick<Context, "ip" | "viewer" | "setHeader">;

// IPv4 addresses inside IPv6 ones: those behind one translator are not one network.
const MAPPED = "0:0:0:0:0:ffff";
const NAT64 = "64:ff9b:0:0:0:0";

const EVERYBODY = "everybody";

interface Counted {
  window: Window;
  limiter: RateLimiterMemory | RateLimiterRedis;
}

/**
 * Counts calls in the windows of the policy and refuses those over. With a Redis all nodes count together; while it
 * is away each counts by itself.
 */
export class RateLimiter {
  readonly #named: Map<string, Counted[]>;
  readonly #wrongPasswords: Counted;
  readonly #told = new WeakMap<Caller, RateLimiterRes>();

  constructor(policy: Policy, redis?: RedisLink) {
    const all: Record<string, Window[]> = {
      user: [policy.general.user],
      anonymous: [policy.general.anonymous],
      ...policy.limits,
    };
    const counted = (name: string, window: Window): Counted => ({
      window,
      limiter: counterOf(`${name}:${window.seconds}`, window, redis),
    });
    this.#named = new Map(
      Object.entries(all).map(([name, windows]) => [name, windows.map((window) => counted(name, window))]),
    );
    this.#wrongPasswords = counted("wrongPasswords", policy.wrongPasswords);
  }

  /** Counts one call in the general window. @throws WarbleError RATE_LIMITED */
  general(caller: Caller): Promise<void> {
    return this.#consume(caller.viewer ? "user" : "anonymous", caller);
  }

  /** Counts one call, or as many things as it does, in the windows of `name`. @throws WarbleError RATE_LIMITED */
  named(name: LimitName, caller: Caller, points = 1): Promise<void> {
    return this.#consume(name, caller, points);
  }

  /** Counts a wrong password, whoever's it was to be. */
  async wrongPassword(): Promise<void> {
    await this.#wrongPasswords.limiter.penalty(EVERYBODY);
  }

  /** For how many seconds strangers are not listened to, since there have been too many wrong passwords; 0 when they are. */
  async wrongPasswordsWait(): Promise<number> {
    const { limiter, window } = this.#wrongPasswords;
    // Counting none is asking: the link to Redis runs scripts, and nothing else.
    const state = await limiter.penalty(EVERYBODY, 0);
    return state.consumedPoints >= window.points ? Math.max(1, secondsLeft(state)) : 0;
  }

  async #consume(name: string, caller: Caller, points = 1): Promise<void> {
    for (const { window, limiter } of this.#named.get(name) ?? []) {
      const key = window.byNetwork || !caller.viewer ? networkOf(caller.ip) : caller.viewer.id;
      try {
        this.#describe(caller, window, await limiter.consume(key, points));
      } catch (over) {
        if (!(over instanceof RateLimiterRes)) throw over;
        this.#describe(caller, window, over);
        throw new WarbleError("RATE_LIMITED", { retryAfter: Math.max(1, secondsLeft(over)) });
      }
    }
  }

  /** Tells the caller of the tightest window that this request has counted in. */
  #describe(caller: Caller, window: Window, state: RateLimiterRes): void {
    const told = this.#told.get(caller);
    if (told && isTighter(told, state)) return;
    this.#told.set(caller, state);
    const { points, seconds } = window;
    caller.setHeader("RateLimit-Policy", `${points};w=${seconds}`);
    caller.setHeader(
      "RateLimit",
      `limit=${points}, remaining=${state.remainingPoints}, reset=${secondsLeft(state)}`,
    );
  }
}

function counterOf(name: string, { points, seconds }: Window, redis?: RedisLink): Counted["limiter"] {
  const alone = new RateLimiterMemory({ keyPrefix: name, points, duration: seconds });
  if (!redis) return alone;
  return new RateLimiterRedis({
    storeClient: redis,
    useRedisPackage: true,
    insuranceLimiter: alone,
    keyPrefix: `${redis.prefix}:limit:${name}`,
    points,
    duration: seconds,
  });
}

const secondsLeft = (state: RateLimiterRes): number => Math.ceil(state.msBeforeNext / 1000);

const isTighter = (a: RateLimiterRes, b: RateLimiterRes): boolean =>
  a.remainingPoints < b.remainingPoints ||
  (a.remainingPoints === b.remainingPoints && a.msBeforeNext > b.msBeforeNext);

/** One subscriber's network: an IPv4 address, or the /64 that an IPv6 host can choose its addresses from. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const groups = groupsOf(ip);
  const prefix = groups.slice(0, 6).join(":");
  if (prefix === MAPPED || prefix === NAT64) {
    const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** The eight groups of an IPv6 address in one spelling. */
function groupsOf(ip: string): string[] {
  const { hostname } = new URL(`http://[${ip.replace(/%.*/, "")}]`);
  const [left = [], right = []] = hostname
    .slice(1, -1)
    .split("::")
    .map((half) => half.split(":").filter(Boolean));
  return [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
}
