import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeClients, connect } from "../../../test/chat-client";
import { startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { newId } from "../../platform/id";
import { AuditModel } from "./audit.model";

const app = startTestApp();
afterAll(closeClients);

const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });
const nothing = String(newId());

beforeAll(async () => {
  for (const name of ["alice", "bob", "carol", "mod", "mod2", "root"]) await app.id(name);
  for (const name of ["mod", "mod2"]) await app.setRole(name, "moderator");
  await app.setRole("root", "admin");
});

/** A tweet of somebody with a report on it. */
async function reported(by = "alice", content = "Something"): Promise<{ tweetId: string; reportId: string }> {
  const { id: tweetId } = await (await app.as(by)).tweets.create({ content });
  const target = { targetType: "tweet" as const, targetId: tweetId };
  const { id } = await (await app.as("bob")).moderation.report({ ...target, reason: "spam" });
  return { tweetId, reportId: id };
}

const rows = async () => AuditModel.countDocuments();

describe("moderation.reports", () => {
  it("lists what is open, assigned or resolved, newest or oldest first, in pages, and one's own work", async () => {
    const made = [await reported(), await reported(), await reported(), await reported()];
    const ids = made.map(({ reportId }) => reportId);
    const [first = "", second = "", third = "", fourth = ""] = ids;
    const mod = await app.as("mod");
    await mod.moderation.assign({ reportId: second });
    await mod.moderation.assign({ reportId: third, to: await app.id("mod2") });
    await mod.moderation.resolve({ reportId: fourth, action: "dismiss" });
    const list = async (input: object, name = "mod") => {
      const caller = await app.as(name);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await caller.moderation.reports({ ...input, limit: 1, ...(cursor && { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      return seen.filter((id) => ids.includes(id));
    };
    expect(await list({})).toEqual(ids.toReversed());
    expect(await list({ order: "oldest" })).toEqual(ids);
    expect(await list({ status: "open" })).toEqual([first]);
    expect(await list({ status: "assigned" })).toEqual([third, second]);
    expect(await list({ status: "resolved" })).toEqual([fourth]);
    expect(await list({ assignedToMe: true })).toEqual([second]);
    expect(await list({ assignedToMe: true, status: "assigned" }, "mod2")).toEqual([third]);
    await refuses(mod.moderation.reports({ cursor: "made-up" }), "BAD_CURSOR");
    await refuses(mod.moderation.getReport({ reportId: nothing }), "REPORT_NOT_FOUND");
  });

  it("is read by index, in order", async () => {
    for (let n = 0; n < 4; n++) await reported();
    const mod = await app.as("mod");
    for (const input of [
      {},
      { status: "open" as const },
      { status: "open" as const, order: "oldest" as const },
    ]) {
      const reads = await profiled(() => mod.moderation.reports({ ...input, limit: 2 }));
      const cases = reads.filter(({ collection }) => collection === "reportCases");
      expect(cases).toMatchObject([
        { plan: expect.stringMatching(/^IXSCAN/), sorted: false, docsExamined: 3 },
      ]);
    }
  });
});

describe("moderation.assign and moderation.note", () => {
  it("put work into hands, and notes beside it, each with one row that stays with the report", async () => {
    const { reportId } = await reported();
    const mod = await app.as("mod");
    const before = await rows();
    expect(await mod.moderation.assign({ reportId })).toMatchObject({
      status: "assigned",
      assignee: { username: "mod" },
    });
    await mod.moderation.assign({ reportId });
    await mod.moderation.note({ reportId, text: "I know them" });
    await mod.moderation.assign({ reportId, to: await app.id("root") });
    expect(await mod.moderation.assign({ reportId, to: null })).toMatchObject({
      status: "open",
      assignee: null,
    });
    const { history } = await (await app.as("mod2")).moderation.getReport({ reportId });
    expect(history.map(({ action, reason, actor }) => [action, reason, actor?.username])).toEqual([
      ["assign", "nobody", "mod"],
      ["assign", "root", "mod"],
      ["note", "I know them", "mod"],
      ["assign", "mod", "mod"],
    ]);
    expect(await rows()).toBe(before + 4);
    await refuses(mod.moderation.assign({ reportId, to: await app.id("carol") }), "USER_NOT_FOUND");
    await refuses(mod.moderation.assign({ reportId, to: nothing }), "USER_NOT_FOUND");
    await refuses(mod.moderation.note({ reportId: nothing, text: "?" }), "REPORT_NOT_FOUND");
    await refuses(mod.moderation.note({ reportId, text: " " }), "BAD_INPUT");
    const own = await reported("mod2");
    await refuses(mod.moderation.assign({ reportId: own.reportId, to: await app.id("mod2") }), "FORBIDDEN");
  });
});

describe("moderation.resolve", () => {
  it("dismisses, and the same thing can be reported anew", async () => {
    const { tweetId, reportId } = await reported();
    const mod = await app.as("mod");
    expect(await mod.moderation.resolve({ reportId, action: "dismiss", note: "Harmless" })).toMatchObject({
      status: "resolved",
      resolved: { action: "dismiss", by: { username: "mod" }, note: "Harmless", reason: "", strikeId: null },
    });
    await refuses(mod.moderation.resolve({ reportId, action: "dismiss" }), "ALREADY_SETTLED");
    await refuses(mod.moderation.assign({ reportId }), "ALREADY_SETTLED");
    const again = { targetType: "tweet" as const, targetId: tweetId, reason: "spam" as const };
    const { id } = await (await app.as("bob")).moderation.report(again);
    expect(id).not.toBe(reportId);
    await refuses(mod.moderation.reopen({ reportId }), "ALREADY_SETTLED");
    await mod.moderation.resolve({ reportId: id, action: "dismiss" });
    expect(await mod.moderation.reopen({ reportId })).toMatchObject({ status: "open", resolved: null });
    await refuses(mod.moderation.reopen({ reportId }), "ALREADY_SETTLED");
    expect(await (await app.as("bob")).moderation.report(again)).toMatchObject({ id: reportId });
    expect((await app.anonymous.tweets.get({ id: tweetId })).id).toBe(tweetId);
  });

  it("removes, warns and suspends together with the resolution, each with a strike and one row", async () => {
    const [mod, dave] = [await app.as("mod"), await app.as("dave")];
    const [one, two, three] = [
      await reported("dave", "First"),
      await reported("dave"),
      await reported("dave"),
    ];
    const before = await rows();
    await mod.moderation.resolve({ reportId: one.reportId, action: "remove", reason: "Spam" });
    await refuses(dave.tweets.get({ id: one.tweetId }), "TWEET_NOT_FOUND");
    await mod.moderation.resolve({ reportId: two.reportId, action: "warn", reason: "Stop it" });
    expect(await dave.tweets.get({ id: two.tweetId })).toMatchObject({ content: "Something" });
    const until = "2099-01-01T00:00:00.000Z";
    const last = { reportId: three.reportId, action: "suspend" as const, reason: "Enough", until };
    expect(await mod.moderation.resolve(last)).toMatchObject({
      user: { username: "dave", strikes: 3, suspension: { reason: "Enough", until } },
    });
    await refuses(app.anonymous.users.get({ username: "dave" }), "USER_NOT_FOUND");
    expect(await rows()).toBe(before + 3);
    const { items } = await mod.moderation.strikesOf({ userId: await app.id("dave") });
    expect(
      items.map(({ action, reason, target, by }) => [action, reason, target?.content, by?.username]),
    ).toEqual([
      ["suspend", "Enough", "Something", "mod"],
      ["warn", "Stop it", "Something", "mod"],
      ["remove", "Spam", "First", "mod"],
    ]);
  });

  it("is done by one of any number at once, whatever they decide", async () => {
    const staff = [await app.as("mod"), await app.as("mod2"), await app.as("root")];
    for (let round = 0; round < 3; round++) {
      const { reportId } = await reported("erin");
      const all = await Promise.allSettled(
        staff.map((each, index) =>
          each.moderation.resolve(
            index === 0
              ? { reportId, action: "dismiss" }
              : { reportId, action: index === 1 ? "warn" : "remove", reason: "Spam" },
          ),
        ),
      );
      expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const each of all)
        if (each.status === "rejected") expect(each.reason).toMatchObject({ reason: "ALREADY_SETTLED" });
      const { resolved, history } = await staff[0]!.moderation.getReport({ reportId });
      expect(history.map(({ action }) => action)).toEqual(["resolve"]);
      const { items } = await staff[0]!.moderation.strikesOf({ userId: await app.id("erin"), limit: 1 });
      if (resolved!.action !== "dismiss") expect(items[0]?.id).toBe(resolved!.strikeId);
    }
  });

  it("takes a message away from both, and brings it back", async () => {
    await app.befriend("bob", "alice");
    const client = await connect(app, "alice");
    const { message } = await client.say("chat:send", {
      clientId: "1",
      to: await app.id("bob"),
      content: "Rude",
    });
    const [bob, mod] = [await app.as("bob"), await app.as("mod")];
    const target = { targetType: "message" as const, targetId: message.id };
    const { id: reportId } = await bob.moderation.report({ ...target, reason: "harassment" });
    const read = async () => (await bob.chat.messages({ conversationId: message.conversationId })).items;
    const before = [
      await read(),
      await bob.chat.unreadCount(),
      (await bob.chat.search({ query: "rude" })).items,
    ];
    const { resolved } = await mod.moderation.resolve({ reportId, action: "remove", reason: "Rude" });
    expect(await read()).toMatchObject([{ id: message.id, content: "", deleted: true }]);
    expect(await bob.chat.unreadCount()).toMatchObject({ count: 0 });
    expect((await bob.chat.search({ query: "rude" })).items).toEqual([]);
    await mod.moderation.revokeStrike({ strikeId: resolved!.strikeId! });
    expect([
      await read(),
      await bob.chat.unreadCount(),
      (await bob.chat.search({ query: "rude" })).items,
    ]).toEqual(before);
    await refuses(mod.moderation.revokeStrike({ strikeId: resolved!.strikeId! }), "ALREADY_SETTLED");
    await mod.moderation.reopen({ reportId });
    const second = await mod.moderation.resolve({ reportId, action: "remove", reason: "Rude" });
    await (await app.as("alice")).chat.delete({ messageId: message.id, for: "all" });
    await mod.moderation.revokeStrike({ strikeId: second.resolved!.strikeId! });
    expect(await read()).toMatchObject([{ content: "", deleted: true }]);
  });

  it("refuses what makes no sense, equals and higher ones, and changes nothing then", async () => {
    const [mod, root] = [await app.as("mod"), await app.as("root")];
    const { reportId, tweetId } = await reported();
    for (const wrong of [
      { action: "warn" as const },
      { action: "dismiss" as const, until: "2099-01-01T00:00:00Z" },
      { action: "suspend" as const, reason: "x", until: "2020-01-01T00:00:00Z" },
    ])
      await refuses(mod.moderation.resolve({ reportId, ...wrong }), "BAD_INPUT");
    await (await app.as("alice")).tweets.delete({ id: tweetId });
    await refuses(mod.moderation.resolve({ reportId, action: "remove", reason: "Spam" }), "TWEET_NOT_FOUND");
    const bob = await app.as("bob");
    const user = { targetType: "user" as const, targetId: await app.id("carol"), reason: "spam" as const };
    const { id } = await bob.moderation.report(user);
    await refuses(mod.moderation.resolve({ reportId: id, action: "remove", reason: "Spam" }), "BAD_INPUT");
    for (const [by, about] of [
      ["mod", "mod2"],
      ["mod", "root"],
      ["root", "root2"],
    ] as const) {
      if (about === "root2") await app.setRole("root2", "admin");
      const { reportId } = await reported(about);
      const caller = await app.as(by);
      for (const action of ["warn", "remove", "suspend"] as const)
        await refuses(caller.moderation.resolve({ reportId, action, reason: "Spam" }), "FORBIDDEN");
      const dismissed = caller.moderation.resolve({ reportId, action: "dismiss" });
      if (by === "mod") await refuses(dismissed, "FORBIDDEN");
      else expect(await dismissed).toMatchObject({ status: "resolved" });
    }
    await app.setRole("root2", "user");
    const { status, history } = await root.moderation.getReport({ reportId });
    expect([status, history]).toEqual(["open", []]);
  });
});
