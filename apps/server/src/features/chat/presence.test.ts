import { afterAll, describe, expect, test, vi } from "vitest";
import { type ChatClient, closeClients, connect } from "../../../test/chat-client";
import { startTestApp, unlimited } from "../../../test/harness";
import { DEFAULT_POLICY } from "../../platform/policy";

vi.setConfig({ testTimeout: 60_000 });
const GRACE = 2;
const limits = { ...unlimited.limits, presence: DEFAULT_POLICY.limits.presence };
const app = startTestApp({ policy: { ...unlimited, limits, presence: { grace: GRACE, keptFor: 6 } } });
afterAll(closeClients);

const soon = { timeout: 5_000, interval: 10 };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const told = ({ heard }: ChatClient) =>
  heard.filter(({ name }) => name === "chat:presence").map(({ data }) => data);
const ids = (...names: string[]) => Promise.all(names.map((name) => app.id(name)));
const watch = async (client: ChatClient, ...names: string[]) =>
  (await client.say("chat:presence", { userIds: await ids(...names) })).online;
const show = async (name: string, showPresence: boolean) =>
  (await app.as(name)).users.update({ showPresence });

let said = 0;
async function say(from: string, to: string) {
  const client = await connect(app, from);
  await client.say("chat:send", { clientId: `said-${said++}`, to: await app.id(to), content: "hello" });
  client.close();
}

/** Both have written: now they are contacts. The sockets that they needed for it are forgotten. */
async function befriend(one: string, other: string) {
  await say(one, other);
  await say(other, one);
  await gone(one, other);
}

const gone = async (...names: string[]) => {
  const userIds = await ids(...names);
  await vi.waitFor(async () => expect((await app.running.app.presence.online(userIds)).size).toBe(0), soon);
};

// At once, among people of their own: most of it is waiting until somebody is said to be gone.
describe.concurrent("presence", () => {
  test("a contact's coming and going is told, and who is there is answered", async () => {
    await befriend("alice", "bob");
    const alice = await connect(app, "alice");
    expect(await watch(alice, "bob")).toEqual([]);
    const [bobId = ""] = await ids("bob");
    const bob = await connect(app, "bob");
    await vi.waitFor(() => expect(told(alice)).toEqual([{ userId: bobId, online: true }]), soon);
    expect(await watch(bob, "alice", "bob")).toEqual(await ids("alice"));
    bob.close();
    await sleep(GRACE * 500);
    expect(told(alice)).toHaveLength(1);
    await vi.waitFor(
      () => expect(told(alice)).toEqual([expect.anything(), { userId: bobId, online: false }]),
      soon,
    );
    expect(await watch(alice, "bob")).toEqual([]);
  });

  test("a reconnect, and a second device, are not seen", async () => {
    await befriend("carol", "dan");
    const carol = await connect(app, "carol");
    const first = await connect(app, "dan");
    expect(await watch(carol, "dan")).toEqual(await ids("dan"));
    first.close();
    await sleep(GRACE * 500);
    const second = await connect(app, "dan");
    const third = await connect(app, "dan");
    third.close();
    await sleep(GRACE * 1_000 + 500);
    expect(told(carol)).toEqual([]);
    second.close();
    await vi.waitFor(() => expect(told(carol)).toHaveLength(1), soon);
  });

  test("strangers, one who only was written to, hidden and unknown ids look like somebody who is not there", async () => {
    await say("erin", "frank");
    await befriend("erin", "mallory");
    const sockets = [await connect(app, "frank"), await connect(app, "gina"), await connect(app, "mallory")];
    await app.change("mallory", { suspension: { reason: "spam", until: null } });
    const erin = await connect(app, "erin");
    const userIds = [...(await ids("frank", "gina", "mallory", "erin")), "0".repeat(24)];
    expect(await erin.raw("chat:presence", { userIds })).toEqual({ ok: true, online: [] });
    expect(await erin.raw("chat:presence", { userIds: ["0".repeat(24)] })).toEqual({ ok: true, online: [] });
    expect(await watch(sockets[0]!, "erin")).toEqual([]);
    await erin.say("chat:presence", { userIds });
    for (const socket of sockets) socket.close();
    await gone("frank", "gina", "mallory");
    await connect(app, "frank");
    await sleep(500);
    expect(told(erin)).toEqual([]);
  });

  test("who shows no presence is not seen and sees nobody, from the moment on; and again", async () => {
    await befriend("ivy", "jack");
    const [ivy, jack] = [await connect(app, "ivy"), await connect(app, "jack")];
    const [ivyId = "", jackId = ""] = await ids("ivy", "jack");
    expect([await watch(ivy, "jack"), await watch(jack, "ivy")]).toEqual([[jackId], [ivyId]]);
    expect((await (await app.as("jack")).auth.me()).showPresence).toBe(true);
    await show("jack", false);
    await vi.waitFor(() => expect(told(ivy)).toEqual([{ userId: jackId, online: false }]), soon);
    await vi.waitFor(() => expect(told(jack)).toEqual([{ userId: ivyId, online: false }]), soon);
    expect([await watch(ivy, "jack"), await watch(jack, "ivy")]).toEqual([[], []]);
    expect((await (await app.as("jack")).auth.me()).showPresence).toBe(false);
    expect(await app.anonymous.users.get({ username: "jack" })).not.toHaveProperty("showPresence");
    await show("jack", true);
    await vi.waitFor(() => expect(told(ivy).at(-1)).toEqual({ userId: jackId, online: true }), soon);
    await vi.waitFor(() => expect(told(jack).at(-1)).toEqual({ userId: ivyId, online: true }), soon);
  });

  test("a later list takes the place of the one before, and a socket that has ended is forgotten", async () => {
    await befriend("kim", "lou");
    await befriend("kim", "max");
    const kim = await connect(app, "kim");
    await watch(kim, "lou");
    await watch(kim, "max");
    const lou = await connect(app, "lou");
    const max = await connect(app, "max");
    await vi.waitFor(() => expect(told(kim)).toEqual([{ userId: expect.any(String), online: true }]), soon);
    expect(told(kim)[0]?.userId).toBe((await ids("max"))[0]);
    await watch(kim);
    max.close();
    lou.close();
    await gone("max", "lou");
    await sleep(300);
    expect(told(kim)).toHaveLength(1);
  });

  test("is refused for what are no ids, for more than a hundred, unverified, and when asked too often", async () => {
    const nan = await connect(app, "nan");
    const [id = ""] = await ids("nan");
    for (const bad of [
      null,
      {},
      { userIds: "x" },
      { userIds: [{ $ne: null }] },
      { userIds: Array(101).fill(id) },
    ]) {
      expect(await nan.raw("chat:presence", bad)).toMatchObject({ ok: false, reason: "BAD_INPUT" });
    }
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => nan.raw("chat:presence", { userIds: [id] })),
    );
    expect(answers.filter(({ ok }) => ok).length).toBeLessThanOrEqual(30);
    expect(answers.at(-1)).toMatchObject({ reason: "RATE_LIMITED" });
    await app.id("oz");
    await app.change("oz", { emailVerified: false });
    expect(await (await connect(app, "oz")).raw("chat:presence", { userIds: [id] })).toMatchObject({
      reason: "EMAIL_NOT_VERIFIED",
    });
  });
});
