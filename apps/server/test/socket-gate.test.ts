import { afterEach, describe, expect, test, vi } from "vitest";
import { DEFAULT_POLICY } from "../src/platform/policy";
import { closeClients, connectWith } from "./chat-client";
import { startTestApp, unlimited } from "./harness";
import { openRaw, type RawSocket } from "./raw-socket";

vi.setConfig({ testTimeout: 60_000 });
const MOST = DEFAULT_POLICY.connections.unjoined;
// The first hop is a proxy of ours when it is 127.0.0.2; whoever dials from 127.0.0.1 is a stranger.
const app = startTestApp({
  trustProxy: ["127.0.0.2"],
  policy: { ...unlimited, connections: { ...unlimited.connections, unjoined: MOST } },
});
const open: RawSocket[] = [];
afterEach(async () => {
  closeClients();
  for (const { socket } of open) socket.terminate();
  await Promise.all(open.splice(0).map(({ closed }) => closed));
});

const local = {
  running: {
    get url() {
      return app.running.url.replace("localhost", "127.0.0.1");
    },
  },
};

/** Opens a connection that joins nothing. @returns whether it was let in */
async function knock(from: string, forwarded?: string): Promise<boolean> {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  try {
    open.push(await openRaw(local, { localAddress: from, headers } as never));
    return true;
  } catch (error) {
    expect(String(error)).toContain("429");
    return false;
  }
}

async function knockOften(times: number, from: string, forwarded?: (n: number) => string): Promise<number> {
  const tries = Array.from({ length: times }, (_, n) => knock(from, forwarded?.(n)));
  return (await Promise.all(tries)).filter(Boolean).length;
}

describe("connections that have not said whose they are", () => {
  test("are twenty from one network at most, however many come at once; who has joined does not count", async () => {
    const seated = await connectWith(local, { auth: { token: await app.tokenFor("alice") } });
    expect(await knockOften(60, "127.0.0.1")).toBe(MOST);
    const polled = await fetch(`${local.running.url}/socket.io/?EIO=4&transport=polling`);
    expect(polled.status).toBe(403);
    expect(seated.socket.connected).toBe(true);
    open[0]?.socket.close();
    await open[0]?.closed;
    await vi.waitFor(async () => expect(await knock("127.0.0.1")).toBe(true), 2_000);
    expect(await knock("127.0.0.1")).toBe(false);
  });

  test("are counted anew when they have been closed for joining nothing", async () => {
    expect(await knockOften(MOST, "127.0.0.1")).toBe(MOST);
    expect(await knock("127.0.0.1")).toBe(false);
    await Promise.all(open.map(({ closed }) => closed));
    expect(await knock("127.0.0.1")).toBe(true);
  });

  test("are no longer counted once they have joined", async () => {
    for (let n = 0; n < MOST + 5; n++) {
      await connectWith(local, { auth: { token: await app.tokenFor(`guest${Math.floor(n / 5)}`) } });
    }
    expect(await knock("127.0.0.1")).toBe(true);
  });

  test("gain nothing by a forged X-Forwarded-For", async () => {
    expect(await knockOften(MOST + 20, "127.0.0.1", (n) => `203.0.113.${n}`)).toBe(MOST);
  });

  test("behind a proxy of ours are counted by the address that it names", async () => {
    expect(await knockOften(MOST + 20, "127.0.0.2", (n) => `203.0.113.${n}`)).toBe(MOST + 20);
    // What the client itself wrote before it is not believed.
    expect(await knockOften(MOST + 20, "127.0.0.2", (n) => `198.51.100.${n}, 192.0.2.7`)).toBe(MOST);
  });
});
