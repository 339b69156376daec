import { afterEach, expect, test, vi } from "vitest";
import { closeClients, connect } from "../chat-client";
import { startTestApp } from "../harness";

// Nobody listens there.
const app = startTestApp({ redisUrl: "redis://127.0.0.1:1" });
afterEach(closeClients);

test("a server starts without the Redis that it is told of, and works by itself", async () => {
  const [alice, bob] = [await connect(app, "alice"), await connect(app, "bob")];
  await alice.say("chat:send", { clientId: "alone", to: await app.id("bob"), content: "Anybody?" });
  await vi.waitFor(() => expect(bob.messages()).toHaveLength(1), { timeout: 1_500 });
  expect(app.running.app.relay.state()).toBe("away");
});
