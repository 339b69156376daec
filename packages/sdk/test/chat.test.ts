import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { startTestApp } from "@warble/server/test";
import { afterEach, describe, expect, it } from "vitest";
import { createWarble, isWarbleError, type Message, memoryStorage, type Warble } from "../src/index";
import { comeIn, eventually, PASSWORD } from "./people";

const app = startTestApp();
const socketsOf = (id: string) => app.running.app.channels.countOf(id);
const reasonOf = async (call: Promise<unknown>) => {
  const error = await call.catch((thrown: unknown) => thrown);
  return isWarbleError(error) ? error.reason : error;
};

/** A wire to the server that can be cut and mended. */
class Wire {
  readonly #open = new Set<Socket>();
  #server: Server | undefined;
  url = "";

  async mend(): Promise<void> {
    const { port } = new URL(app.running.url);
    this.#server = createServer((near) => {
      const far = dial(Number(port), "127.0.0.1");
      for (const end of [near, far]) {
        this.#open.add(end);
        end.on("error", () => undefined);
        end.on("close", () => [near.destroy(), far.destroy()]);
      }
      near.pipe(far).pipe(near);
    });
    const again = this.url ? Number(new URL(this.url).port) : 0;
    await new Promise<void>((resolve) => this.#server?.listen(again, "127.0.0.1", resolve));
    const address = this.#server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve) ?? resolve(null));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}

const opened: Warble[] = [];
const wires: Wire[] = [];
afterEach(async () => {
  for (const warble of opened.splice(0)) warble.close();
  for (const wire of wires.splice(0)) await wire.cut();
});

async function person(role: string) {
  const warble = await comeIn(app, role);
  opened.push(warble);
  return warble;
}

describe("the chat", () => {
  it("keeps what is sent while the wire is cut, and sends it once, in order", async () => {
    const [alice, bob] = [await person("alice"), await person("bob")];
    const wire = new Wire();
    wires.push(wire);
    await wire.mend();
    const far = createWarble({ url: wire.url, storage: memoryStorage(await alice.auth.tokens()) });
    opened.push(far);
    const received: Message[] = [];
    bob.chat.on("message", (message) => received.push(message));
    await bob.chat.connect();
    await far.chat.send({ to: bob.id, content: "0" });
    await wire.cut();
    const given = new AbortController();
    const sends = [1, 2, 3, 4].map((n) => far.chat.send({ to: bob.id, content: String(n) }));
    const regretted = far.chat.send({ to: bob.id, content: "never" }, { signal: given.signal });
    sends.push(far.chat.send({ to: bob.id, content: "5" }));
    given.abort();
    expect(await reasonOf(regretted)).toBe("ABORTED");
    await wire.mend();
    expect((await Promise.all(sends)).map(({ number }) => number)).toEqual([2, 3, 4, 5, 6]);
    await eventually(() => received.length === 6 || undefined, "all messages");
    expect(received.map(({ content }) => content)).toEqual(["0", "1", "2", "3", "4", "5"]);
  });

  it("goes on by itself when the server closes it and the session holds", async () => {
    const [alice, bob] = [await person("alice"), await person("bob")];
    const contents: string[] = [];
    const reading = (async () => {
      for await (const { content } of bob.chat.messages()) {
        contents.push(content);
        if (contents.length === 2) break;
      }
    })();
    await eventually(() => socketsOf(bob.id) === 1 || undefined, "bob's socket");
    await alice.chat.send({ to: bob.id, content: "one" });
    app.running.app.channels.closeUser(bob.id);
    await alice.chat.send({ to: bob.id, content: "two" });
    await reading;
    expect(contents).toEqual(["one", "two"]);
  });

  it("closes when its user signs out, and then fails with NOT_SIGNED_IN", async () => {
    const bob = await person("bob");
    await bob.chat.connect();
    const ended = new Promise<unknown>((resolve) => bob.chat.on("ended", resolve));
    const next = bob.chat.messages().next();
    await bob.auth.logout();
    expect(isWarbleError(await ended, "NOT_SIGNED_IN")).toBe(true);
    expect(await reasonOf(next)).toBe("NOT_SIGNED_IN");
    await eventually(() => socketsOf(bob.id) === 0 || undefined, "the end of bob's socket");
    expect(await reasonOf(bob.chat.connect())).toBe("NOT_SIGNED_IN");
    expect(await reasonOf(bob.chat.send({ to: bob.id, content: "x" }))).toBe("NOT_SIGNED_IN");
  });

  it("ends when the server has ended the session", async () => {
    const bob = await person("bob");
    await bob.chat.connect();
    const ended = new Promise<unknown>((resolve) => bob.chat.on("ended", resolve));
    const elsewhere = createWarble({ url: app.running.url, storage: memoryStorage() });
    await elsewhere.auth.login({ identifier: bob.name, password: PASSWORD });
    await elsewhere.auth.logoutOthers();
    expect(isWarbleError(await ended, "NOT_SIGNED_IN")).toBe(true);
    expect(await bob.auth.tokens()).toBeNull();
  });

  it("leaves nothing of one user to the next", async () => {
    const [alice, bob, carol] = [await person("alice"), await person("bob"), await person("carol")];
    await bob.chat.connect();
    for (const n of [1, 2, 3]) await alice.chat.send({ to: bob.id, content: `${n}` });
    bob.chat.disconnect();
    const left = bob.chat.send({ to: alice.id, content: "of bob" });
    await bob.auth.login({ identifier: carol.name, password: PASSWORD });
    const stored = await left.catch((error: unknown) => error);
    // Sent by bob before he left, or refused: never sent by carol.
    if (!isWarbleError(stored, "NOT_SIGNED_IN")) expect(stored).toMatchObject({ senderId: bob.id });
    const received: Message[] = [];
    const resynced: unknown[] = [];
    bob.chat.on("message", (message) => received.push(message));
    bob.chat.on("resync", () => resynced.push(true));
    await bob.chat.connect();
    await alice.chat.send({ to: carol.id, content: "for carol" });
    await eventually(() => received.length > 0 || undefined, "carol's message");
    expect(received.map(({ content }) => content)).toEqual(["for carol"]);
    expect(resynced).toEqual([]);
    const ofCarol = await carol.chat.requests();
    expect(ofCarol.items.map(({ lastMessage }) => lastMessage?.content)).toEqual(["for carol"]);
  });

  it("survives a listener that throws", async () => {
    const [alice, bob] = [await person("alice"), await person("bob")];
    const heard: string[] = [];
    bob.chat.on("message", () => {
      throw new Error("shown by the test's console: the listener's own mistake");
    });
    bob.chat.on("message", ({ content }) => heard.push(content));
    await bob.chat.connect();
    for (const content of ["one", "two"]) await alice.chat.send({ to: bob.id, content });
    await eventually(() => heard.length === 2 || undefined, "both messages");
  });
});
