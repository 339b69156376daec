import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connectWith } from "../chat-client";
import { visit } from "../mistakes/client";
import { type Guest, report, startCluster } from "./cluster";

/** How long Redis is away; WARBLE_REDIS_GONE_SECONDS=60 is the long variant. */
const GONE_MS = Number(process.env.WARBLE_REDIS_GONE_SECONDS ?? 10) * 1_000;
const EVERY_MS = 200;
/** Ten seconds are promised; sooner than Redis comes back, so that it is not its return that brings them. */
const LATE_MS = 8_000;

const cluster = startCluster({ people: ["alice", "bob", "carol"] });
afterEach(closeClients);

const chat = (node: number, { accessToken }: Guest): Promise<ChatClient> =>
  connectWith(cluster.nodes[node]!, { auth: { token: accessToken } });

describe("while Redis is gone", () => {
  test(
    "messages between nodes come late at most, in order, each once; and sessions still end everywhere",
    async () => {
      const [alice, bob] = [await cluster.signIn("alice"), await cluster.signIn("bob")];
      const gone = await cluster.signIn("carol");
      const [from, to, carol] = [await chat(0, alice), await chat(1, bob), await chat(1, gone)];
      const sent: { text: string; at: number }[] = [];
      const came = new Map<string, number>();
      to.socket.on("chat:message", ({ message }) => came.set(message.content ?? "", performance.now()));
      let sending = true;
      const traffic = (async () => {
        while (sending) {
          const text = `message ${sent.length}`;
          await from.say("chat:send", { clientId: text, to: bob.id, content: text });
          sent.push({ text, at: performance.now() });
          await sleep(EVERY_MS);
        }
      })();
      await sleep(1_000);
      await cluster.redis.kill();
      await sleep(GONE_MS / 2);

      await visit(cluster.nodes[0]!).call("auth.logout", undefined, { by: gone });
      const since = performance.now();
      await vi.waitFor(() => expect(carol.socket.connected).toBe(false), { timeout: 2_000, interval: 10 });
      const closed = performance.now() - since;
      expect((await visit(cluster.nodes[1]!).ask("auth.me", undefined, { by: gone })).status).toBe(401);

      await sleep(GONE_MS / 2);
      await cluster.redis.start();
      await vi.waitFor(() => expect(cluster.isJoined()).toBe(true), { timeout: 10_000 });
      await sleep(1_000);
      sending = false;
      await traffic;

      await vi.waitFor(() => expect(came.size).toBe(sent.length), { timeout: LATE_MS });
      expect(to.messages().map(({ message }) => message.content)).toEqual(sent.map(({ text }) => text));
      const latest = Math.max(...sent.map(({ text, at }) => came.get(text)! - at));
      report(`Redis gone ${GONE_MS / 1000} s: ${sent.length} messages, latest ${latest.toFixed(0)} ms late`);
      report(`a socket closed ${closed.toFixed(0)} ms after signing out elsewhere`);
      expect(latest).toBeLessThan(LATE_MS);
    },
    GONE_MS + 60_000,
  );
});
