import { report, startCluster } from "@warble/server/test/nodes";
import { expect, it, vi } from "vitest";
import type { Message } from "../src/index";
import { clientAt, percentile } from "./crowd";

const CLIENTS_EACH = 4;
const SOON = { timeout: 60_000, interval: 50 };

const people = Array.from({ length: 30 }, (_, n) => `person_${n}`);
const cluster = startCluster({ people });

/** How long after the restart began each client had its chat, and its stream, again; and what it was shown. */
interface Returning {
  left: boolean;
  chat: number;
  stream: number;
  messages: Message[];
}

it("clients of a node that stops are told so, and come back by themselves, spread, without signing in", async () => {
  const guests = await Promise.all(people.map((name) => cluster.signIn(name)));
  let since = 0;
  const clients = guests.flatMap((guest) =>
    Array.from({ length: CLIENTS_EACH }, () => {
      const warble = clientAt(cluster.door, guest);
      const client: Returning = { left: false, chat: 0, stream: 0, messages: [] };
      let opened = 0;
      warble.chat.on("disconnected", () => {
        client.left = true;
      });
      warble.chat.on("resumed", () => {
        client.chat = performance.now() - since;
      });
      warble.chat.on("message", (message) => client.messages.push(message));
      warble.notifications.watch({
        onEvent: () => undefined,
        onError: (error) => expect.fail(error.message),
        onOpen: () => {
          if (++opened > 1) client.stream = performance.now() - since;
        },
      });
      return { client, warble, guest, opened: () => opened };
    }),
  );
  await Promise.all(clients.map(({ warble }) => warble.chat.connect()));
  await vi.waitFor(() => expect(clients.every(({ opened }) => opened() > 0)).toBe(true), SOON);
  const sessions = await cluster.db
    .collection("sessions")
    .find({}, { projection: { tokenHash: 0 } })
    .toArray();

  since = performance.now();
  await cluster.restart(0);
  const restarted = performance.now() - since;
  const left = clients.filter(({ client }) => client.left);
  await vi.waitFor(() => expect(left.every(({ client }) => client.chat > 0)).toBe(true), SOON);
  await vi.waitFor(
    () => expect(clients.filter(({ opened }) => opened() > 1).length).toBeGreaterThan(clients.length / 3),
    SOON,
  );
  const [first, second] = [clients[0]!, clients.find(({ guest }) => guest !== clients[0]!.guest)!];
  await first.warble.chat.send({ to: second.guest.id, content: "still there?" });
  await vi.waitFor(
    () => expect(clients.filter(({ client }) => client.messages.length === 1)).toHaveLength(2 * CLIENTS_EACH),
    SOON,
  );

  const chats = left.map(({ client }) => client.chat);
  const streams = clients.flatMap(({ client }) => (client.stream > 0 ? [client.stream] : []));
  for (const [what, times] of Object.entries({ chats, streams })) {
    const [early, middle, late] = [0.1, 0.5, 0.95].map((share) => percentile(times, share));
    report(
      `${times.length} ${what} came back: 10 % in ${early} ms, 50 % in ${middle} ms, 95 % in ${late} ms`,
    );
    expect(late).toBeLessThan(60_000);
    expect(late! - early!).toBeGreaterThan(300);
  }
  report(
    `the node was back in ${restarted.toFixed(0)} ms; it had ${left.length} of ${clients.length} clients`,
  );
  expect(left.length).toBeGreaterThan(clients.length / 3);
  const after = await cluster.db
    .collection("sessions")
    .find({}, { projection: { tokenHash: 0 } })
    .toArray();
  expect(after.map(({ _id }) => String(_id))).toEqual(sessions.map(({ _id }) => String(_id)));
}, 180_000);
