import type { ReportDetails } from "@warble/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import { overHttp } from "../../../test/http";
import { eventsIn, rowsIn } from "../../../test/stored";
import { newId } from "../../platform/id";

const app = startTestApp();
const { ask, mails } = overHttp(app);
afterAll(closeClients);

const nothing = String(newId());
const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });

beforeAll(async () => {
  for (const name of ["alice", "bob", "carol", "mod"]) await app.id(name);
  await app.setRole("mod", "moderator");
});

type Target = "user" | "tweet" | "comment" | "message";

const report = async (name: string, [targetType, targetId]: [Target, string], more: object = {}) =>
  (await app.as(name)).moderation.report({ targetType, targetId, reason: "spam", ...more });

/** What moderators see of the reports on something. */
async function detailsOf(targetId: string): Promise<ReportDetails[]> {
  const mod = await app.as("mod");
  const { items } = await mod.moderation.reports({ limit: 100 });
  const ids = items.filter((each) => each.targetId === targetId).map(({ id }) => id);
  return Promise.all(ids.map((reportId) => mod.moderation.getReport({ reportId })));
}

async function send(from: string, to: string, ...contents: string[]): Promise<string[]> {
  const client = await connect(app, from);
  const ids: string[] = [];
  for (const content of contents) {
    const said = { clientId: String(newId()), to: await app.id(to), content };
    ids.push((await client.say("chat:send", said)).message.id);
  }
  client.close();
  return ids;
}

describe("moderation.report", () => {
  it("keeps what a tweet said then, whatever becomes of it", async () => {
    const alice = await app.as("alice");
    const { id } = await alice.tweets.create({ content: "Buy #coins of @bob" });
    const { id: reportId } = await report("bob", ["tweet", id], { reason: "hate", note: " Look at it " });
    await alice.tweets.update({ id, content: "Birds" });
    await report("carol", ["tweet", id]);
    await alice.tweets.delete({ id });
    const [details] = await detailsOf(id);
    expect(details).toMatchObject({
      id: reportId,
      targetType: "tweet",
      user: { username: "alice", strikes: 0 },
      status: "open",
      reasons: ["hate", "spam"],
      reports: 2,
      resolved: null,
    });
    const texts = details!.all.items.map(({ reporter, reason, note, evidence }) => [
      reporter?.username,
      reason,
      note,
      evidence.type === "post" && [evidence.content, evidence.version, evidence.entities.length],
    ]);
    expect(texts).toEqual([
      ["carol", "spam", "", ["Birds", 1, 0]],
      ["bob", "hate", "Look at it", ["Buy #coins of @bob", 0, 2]],
    ]);
  });

  it("keeps a user's profile, and a comment", async () => {
    const alice = await app.as("alice");
    await alice.users.update({ bio: "I sell coins" });
    const { id: tweetId } = await alice.tweets.create({ content: "Hello" });
    const { id } = await alice.comments.create({ tweetId, content: "Coins!" });
    await report("bob", ["user", await app.id("alice")], { reason: "impersonation" });
    await report("bob", ["comment", id]);
    await alice.users.update({ bio: "" });
    expect(await detailsOf(await app.id("alice"))).toMatchObject([
      { all: { items: [{ evidence: { type: "user", username: "alice", bio: "I sell coins" } }] } },
    ]);
    expect(await detailsOf(id)).toMatchObject([
      { user: { username: "alice" }, all: { items: [{ evidence: { type: "post", content: "Coins!" } }] } },
    ]);
  });

  it("is one report, however often the same person sends it at once, and one case for all", async () => {
    const { id } = await (await app.as("alice")).tweets.create({ content: "At once" });
    const names = ["bob", "carol", "dan", "erin"];
    for (const name of names) await app.id(name);
    const all = await Promise.all([...names, ...names, ...names].map((name) => report(name, ["tweet", id])));
    expect(new Set(all.map((each) => each.id)).size).toBe(4);
    const cases = await detailsOf(id);
    expect(cases).toMatchObject([{ reports: 4 }]);
    expect(cases[0]!.all.items).toHaveLength(4);
  });

  it("refuses what the reporter does not see as if it were not there, and what is their own", async () => {
    const mallory = await app.as("mallory");
    const tweet = await mallory.tweets.create({ content: "Hidden" });
    const comment = await mallory.comments.create({ tweetId: tweet.id, content: "Hidden" });
    const deleted = await mallory.tweets.create({ content: "Deleted" });
    await mallory.tweets.delete({ id: deleted.id });
    const userId = await app.id("mallory");
    for (const [kind, own] of [
      ["user", userId],
      ["tweet", tweet.id],
      ["comment", comment.id],
    ] as const) {
      await refuses(report("mallory", [kind, own]), "SELF_TARGET");
      await refuses(report("bob", [kind, nothing]), `${kind.toUpperCase()}_NOT_FOUND`);
    }
    await refuses(report("bob", ["comment", tweet.id]), "COMMENT_NOT_FOUND");
    await refuses(report("bob", ["tweet", deleted.id]), "TWEET_NOT_FOUND");
    await mallory.users.block({ id: await app.id("bob") });
    await refuses(report("bob", ["tweet", tweet.id]), "TWEET_NOT_FOUND");
    await refuses(report("bob", ["comment", comment.id]), "COMMENT_NOT_FOUND");
    // Who blocks somebody is not safe from them.
    await report("bob", ["user", userId]);
    await app.change("mallory", { suspension: { reason: "spam", until: null } });
    await refuses(report("carol", ["user", userId]), "USER_NOT_FOUND");
    await refuses(report("carol", ["tweet", tweet.id]), "TWEET_NOT_FOUND");
    await app.change("mallory", { suspension: null });
    for (const wrong of [{ reason: "because" }, { note: "x".repeat(1001) }, { targetType: "list" }])
      await refuses(report("carol", ["user", userId], wrong), "BAD_INPUT");
  });
});

describe("a reported message", () => {
  it("comes with what the reporter sees around it, and with no more", async () => {
    await app.befriend("bob", "alice");
    const before = await send("alice", "bob", ...Array.from({ length: 8 }, (_, n) => `before ${n}`));
    const [id = ""] = await send("alice", "bob", "canarythreat");
    const after = await send("bob", "alice", ...Array.from({ length: 7 }, (_, n) => `after ${n}`));
    const bob = await app.as("bob");
    await bob.chat.delete({ messageId: before[7]!, for: "me" });
    await (await app.as("alice")).chat.delete({ messageId: before[6]!, for: "all" });
    await (await app.as("alice")).chat.edit({ messageId: id, content: "canarykind" });
    await (await app.as("alice")).chat.delete({ messageId: id, for: "all" });
    await bob.chat.delete({ messageId: after[0]!, for: "me" });
    for (const name of ["carol", "mod"]) await refuses(report(name, ["message", id]), "MESSAGE_NOT_FOUND");
    await refuses(report("alice", ["message", id]), "SELF_TARGET");
    await refuses(report("bob", ["message", nothing]), "MESSAGE_NOT_FOUND");
    await report("bob", ["message", id], { reason: "harassment" });
    const [details] = await detailsOf(id);
    const [{ evidence } = { evidence: null }] = details!.all.items;
    expect(evidence).toMatchObject({ type: "message" });
    const messages = evidence?.type === "message" ? evidence.messages : [];
    expect(messages.map(({ content }) => content)).toEqual([
      ...["before 2", "before 3", "before 4", "before 5", ""],
      "canarykind",
      ...["after 1", "after 2", "after 3", "after 4", "after 5"],
    ]);
    expect(messages.filter(({ reported }) => reported)).toMatchObject([{ id, earlier: ["canarythreat"] }]);
    await refuses(report("bob", ["message", before[7]!]), "MESSAGE_NOT_FOUND");
  });

  it("is not to be had by moderators and administrators in any other way", async () => {
    await app.befriend("dan", "alice");
    const [id = ""] = await send("dan", "alice", "canaryprivate");
    const [message] = (await rowsIn("messages", { _id: id })) as { conversationId: object }[];
    const conversationId = String(message!.conversationId);
    await app.setRole("root", "admin");
    const mod = await app.as("mod");
    for (const name of ["mod", "root"]) {
      const staff = await app.as(name);
      await refuses(staff.chat.messages({ conversationId }), "CONVERSATION_NOT_FOUND");
      await refuses(staff.chat.search({ query: "canaryprivate", conversationId }), "CONVERSATION_NOT_FOUND");
      expect((await staff.chat.search({ query: "canaryprivate" })).items).toEqual([]);
      await refuses(
        staff.moderation.report({ targetType: "message", targetId: id, reason: "other" }),
        "MESSAGE_NOT_FOUND",
      );
      const token = await app.tokenFor(name);
      for (const path of ["reports", "appeals", "audit", "filters"].map((each) => `moderation.${each}`))
        expect((await ask(path, token, {})).text).not.toContain("canaryprivate");
    }
    await report("alice", ["message", id]);
    const [details] = await detailsOf(id);
    expect(JSON.stringify(details)).toContain("canaryprivate");
    expect(JSON.stringify(await mod.moderation.reports({}))).not.toContain("canaryprivate");
  });
});

describe("whoever is reported", () => {
  it("learns nothing of it, be they a moderator or an administrator", async () => {
    for (const [name, role] of [
      ["frank", "user"],
      ["grace", "moderator"],
      ["heidi", "admin"],
    ] as const) {
      await app.setRole(name, role);
      const caller = await app.as(name);
      const { id: tweetId } = await caller.tweets.create({ content: "Something" });
      const { id } = await report("bob", ["tweet", tweetId], { note: "canarynote" });
      await report("carol", ["user", await app.id(name)]);
      await app.settled();
      expect(await eventsIn(await app.id(name))).toEqual([]);
      expect(await mails(`${name}@example.com`)).toEqual([]);
      expect((await caller.notifications.list({})).items).toEqual([]);
      expect(await caller.moderation.strikes()).toEqual({ items: [], nextCursor: null });
      if (role === "user") continue;
      const { items } = await caller.moderation.reports({ limit: 100 });
      expect(items.filter(({ user }) => user?.username === name)).toEqual([]);
      await refuses(caller.moderation.getReport({ reportId: id }), "REPORT_NOT_FOUND");
      for (const act of [
        () => caller.moderation.assign({ reportId: id }),
        () => caller.moderation.note({ reportId: id, text: "Mine" }),
        () => caller.moderation.resolve({ reportId: id, action: "dismiss" }),
      ])
        await refuses(act(), "REPORT_NOT_FOUND");
    }
  });
});
