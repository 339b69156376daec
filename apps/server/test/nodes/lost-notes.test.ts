import { createClient } from "@redis/client";
import { afterEach, expect, test, vi } from "vitest";
import { closeClients, connectWith } from "../chat-client";
import { report, startCluster } from "./cluster";

/** Nodes look by themselves every five seconds. */
const LATE_MS = 8_000;

const cluster = startCluster({ people: ["alice", "bob"] });
afterEach(closeClients);

test("what nodes fail to tell each other is found by looking, in order, each once", async () => {
  const [alice, bob] = [await cluster.signIn("alice"), await cluster.signIn("bob")];
  const [from, to] = await Promise.all(
    [alice, bob].map(({ accessToken }, node) =>
      connectWith(cluster.nodes[node]!, { auth: { token: accessToken } }),
    ),
  );
  const redis = await createClient({ url: cluster.redis.url }).connect();
  await redis.sendCommand(["ACL", "SETUSER", "default", "-publish"]);
  const came: number[] = [];
  to!.socket.on("chat:message", () => came.push(performance.now()));
  const sent: number[] = [];
  for (let n = 0; n < 20; n++) {
    await from!.say("chat:send", { clientId: `${n}`, to: bob.id, content: `message ${n}` });
    sent.push(performance.now());
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await vi.waitFor(() => expect(came).toHaveLength(20), { timeout: LATE_MS });
  expect(to!.messages().map(({ message }) => message.number)).toEqual(sent.map((_, index) => index + 1));
  const late = came.map((at, index) => at - sent[index]!);
  report(`of 20 messages that nobody told of, the latest came ${Math.max(...late).toFixed(0)} ms late`);
  expect(Math.max(...late)).toBeLessThan(LATE_MS);
  // Some did wait, so it was not a note that brought them; and nobody took Redis for gone.
  expect(Math.max(...late)).toBeGreaterThan(1_000);
  expect(cluster.isJoined()).toBe(true);
  redis.destroy();
}, 60_000);
