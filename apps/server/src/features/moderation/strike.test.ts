import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp } from "../../../test/http";
import { profiled } from "../../../test/profile";
import { rowsIn } from "../../../test/stored";
import { newId, oid } from "../../platform/id";
import { AuditModel } from "./audit.model";
import { StrikeModel } from "./strike.model";

const app = startTestApp();
const { call, mails } = overHttp(app);

const refuses = (answer: Promise<unknown>, reason: string) =>
  expect(answer).rejects.toMatchObject({ reason });
const nothing = String(newId());

async function staff(name: string, role: "moderator" | "admin" = "moderator") {
  await app.setRole(name, role);
  return app.as(name);
}

/** Has a moderator warn somebody about a tweet of theirs. */
async function warn(name: string, by = "mod"): Promise<string> {
  const { id: targetId } = await (await app.as(name)).tweets.create({ content: "Buy coins" });
  const target = { targetType: "tweet" as const, targetId, reason: "spam" as const };
  const { id: reportId } = await (await app.as("bob")).moderation.report(target);
  const moderator = await staff(by, by === "root" ? "admin" : "moderator");
  const { resolved } = await moderator.moderation.resolve({ reportId, action: "warn", reason: "No coins" });
  return resolved!.strikeId!;
}

const latest = async (name: string) => (await (await app.as(name)).moderation.strikes({ limit: 1 })).items[0];
const tokenIn = (text: string) => /token=([\w-]+)/.exec(text)?.[1] ?? "";

describe("a strike", () => {
  it("is shown to its user, with what it is about and not by whom, and to nobody else", async () => {
    const strikeId = await warn("alice");
    const alice = await app.as("alice");
    expect((await alice.moderation.strikes()).items).toMatchObject([
      {
        id: strikeId,
        action: "warn",
        reason: "No coins",
        target: { type: "tweet", content: "Buy coins" },
        revokedAt: null,
        appeal: null,
      },
    ]);
    expect(JSON.stringify(await alice.moderation.strikes())).not.toMatch(/mod|bob/);
    expect((await (await app.as("bob")).moderation.strikes()).items).toEqual([]);
    await refuses(app.anonymous.moderation.strikes(), "NOT_SIGNED_IN");
    const [mail] = await mails("alice@example.com");
    expect(mail).toMatchObject({ subject: "A warning from the moderators" });
    for (const part of ["No coins", "Buy coins", "/appeal?token="]) expect(mail!.text).toContain(part);
    expect(mail!.text).not.toMatch(/mod\b|bob/);
    expect(JSON.stringify(await rowsIn("strikes", { _id: strikeId }))).not.toContain(tokenIn(mail!.text));
  });

  it("is made by every removal and suspension, and taken back with it", async () => {
    const [mod, dan] = [await staff("mod"), await app.as("dan")];
    const userId = await app.id("dan");
    const { id } = await dan.tweets.create({ content: "Rude" });
    const { id: commentId } = await dan.comments.create({ tweetId: id, content: "Ruder" });
    await mod.moderation.removeTweet({ id, reason: "Rude" });
    await mod.moderation.removeComment({ id: commentId });
    await mod.moderation.suspend({ userId, reason: "Enough", until: "2099-01-01T00:00:00Z" });
    await mod.moderation.suspend({ userId, reason: "For good" });
    const strikes = async () =>
      (await mod.moderation.strikesOf({ userId })).items.map(({ action, reason, target, revokedAt }) => [
        action,
        reason || target?.content,
        revokedAt !== null,
      ]);
    expect(await strikes()).toEqual([
      ["suspend", "For good", false],
      ["suspend", "Enough", true],
      ["remove", "Ruder", false],
      ["remove", "Rude", false],
    ]);
    const found = await mod.moderation.users({ query: "dan" });
    expect(found.items).toMatchObject([{ username: "dan", strikes: 3, suspension: { until: null } }]);
    await mod.moderation.unsuspend({ userId });
    await mod.moderation.restoreTweet({ id });
    await mod.moderation.restoreComment({ id: commentId, reason: "A mistake" });
    expect((await strikes()).map((each) => each[2])).toEqual([true, true, true, true]);
    expect(await dan.comments.get({ id: commentId })).toMatchObject({ content: "Ruder" });
    await refuses(mod.moderation.restoreTweet({ id }), "TWEET_NOT_FOUND");
    const { items } = await (await staff("root", "admin")).moderation.audit({ limit: 3 });
    expect(items.map(({ action, reason }) => [action, reason])).toEqual([
      ["restoreComment", "A mistake"],
      ["restoreTweet", ""],
      ["unsuspend", ""],
    ]);
  });

  it("is neither made nor taken back by equals, nor by its user", async () => {
    const [mod, root] = [await staff("mod"), await staff("root", "admin")];
    const mod2 = await staff("mod2");
    const { id } = await mod2.tweets.create({ content: "Mine" });
    await refuses(mod.moderation.removeTweet({ id }), "FORBIDDEN");
    await refuses(mod2.moderation.removeTweet({ id }), "SELF_TARGET");
    expect(await app.anonymous.tweets.get({ id })).toMatchObject({ content: "Mine" });
    await root.moderation.removeTweet({ id });
    await refuses(mod2.moderation.restoreTweet({ id }), "SELF_TARGET");
    await refuses(mod.moderation.restoreTweet({ id }), "FORBIDDEN");
    await refuses(app.anonymous.tweets.get({ id }), "TWEET_NOT_FOUND");
    const strikeId = (await latest("mod2"))!.id;
    await refuses(mod2.moderation.revokeStrike({ strikeId }), "SELF_TARGET");
    await refuses(mod.moderation.revokeStrike({ strikeId }), "FORBIDDEN");
    await refuses(root.moderation.revokeStrike({ strikeId: nothing }), "STRIKE_NOT_FOUND");
    await root.moderation.revokeStrike({ strikeId });
    expect(await app.anonymous.tweets.get({ id })).toMatchObject({ content: "Mine" });
    await refuses(root.moderation.revokeStrike({ strikeId }), "ALREADY_SETTLED");
    await app.setRole("mod2", "user");
  });

  it("of a suspension that has ended leaves a later one alone when it is taken back", async () => {
    const mod = await staff("mod");
    const userId = await app.id("erin");
    await mod.moderation.suspend({ userId, reason: "First", until: "2099-01-01T00:00:00Z" });
    await StrikeModel.updateMany({ userId }, { until: new Date(Date.now() - 60_000) });
    await mod.moderation.suspend({ userId, reason: "Second" });
    const { items } = await mod.moderation.strikesOf({ userId });
    await mod.moderation.revokeStrike({ strikeId: items[1]!.id });
    await refuses(app.anonymous.users.get({ username: "erin" }), "USER_NOT_FOUND");
    await mod.moderation.revokeStrike({ strikeId: items[0]!.id });
    expect(await app.anonymous.users.get({ username: "erin" })).toMatchObject({ username: "erin" });
  });

  it("is mailed to no address that nobody has proved", async () => {
    const mod = await staff("mod");
    await app.change("newcomer", { emailVerified: false });
    await mod.moderation.suspend({ userId: await app.id("newcomer"), reason: "Spam" });
    expect(await mails("newcomer@example.com")).toEqual([]);
  });
});

describe("lists of strikes", () => {
  it("are read by index, in order", async () => {
    for (const name of ["judy", "judy", "judy"]) {
      const strikeId = await warn(name);
      await (await app.as(name)).moderation.appeal({ strikeId, text: "No" });
    }
    const [judy, mod] = [await app.as("judy"), await staff("mod")];
    for (const read of [
      () => judy.moderation.strikes({ limit: 1 }),
      () => mod.moderation.appeals({ limit: 1 }),
    ]) {
      const [find] = (await profiled(read)).filter(({ collection }) => collection === "strikes");
      expect(find).toMatchObject({ plan: expect.stringMatching(/^IXSCAN/), sorted: false, docsExamined: 2 });
    }
    for (const { id } of (await (await staff("mod3")).moderation.appeals({})).items)
      await (await staff("mod3")).moderation.decideAppeal({ id, uphold: true });
  });
});

describe("an appeal", () => {
  it("is made once, by whom the strike is against, and decided by somebody else, who may undo it", async () => {
    const strikeId = await warn("carol");
    const [carol, mod, mod3] = [await app.as("carol"), await staff("mod"), await staff("mod3")];
    await refuses(app.anonymous.moderation.appeal({ strikeId, text: "No" }), "NOT_SIGNED_IN");
    await refuses((await app.as("bob")).moderation.appeal({ strikeId, text: "No" }), "STRIKE_NOT_FOUND");
    await refuses(mod3.moderation.decideAppeal({ id: strikeId, uphold: true }), "ALREADY_SETTLED");
    await carol.moderation.appeal({ strikeId, text: "They were real coins" });
    await refuses(carol.moderation.appeal({ strikeId, text: "And again" }), "ALREADY_SETTLED");
    const { items } = await mod3.moderation.appeals();
    expect(items).toMatchObject([
      {
        id: strikeId,
        user: { username: "carol" },
        by: { username: "mod" },
        appeal: { text: "They were real coins" },
      },
    ]);
    await refuses(mod.moderation.decideAppeal({ id: strikeId, uphold: true }), "FORBIDDEN");
    await refuses(mod3.moderation.decideAppeal({ id: nothing, uphold: true }), "STRIKE_NOT_FOUND");
    await mod3.moderation.decideAppeal({ id: strikeId, uphold: false, note: "You are right" });
    expect(await latest("carol")).toMatchObject({
      revokedAt: expect.any(String),
      appeal: { state: "overturned", note: "You are right" },
    });
    expect((await mod3.moderation.appeals()).items).toEqual([]);
    await refuses(mod3.moderation.decideAppeal({ id: strikeId, uphold: true }), "ALREADY_SETTLED");
    const [mail] = await mails("carol@example.com");
    expect(mail).toMatchObject({
      subject: "Your appeal was granted",
      text: expect.stringContaining("You are right"),
    });
    expect(await AuditModel.countDocuments({ targetId: oid(strikeId) })).toBe(1);
  });

  it("of who is suspended comes with the token of the mail, once, and lets them back in", async () => {
    const [mod, mod3] = [await staff("mod"), await staff("mod3")];
    await mod.moderation.suspend({ userId: await app.id("frank"), reason: "Spam" });
    const [mail] = await mails("frank@example.com");
    expect(mail).toMatchObject({ subject: "Your account is suspended" });
    const token = tokenIn(mail!.text);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    const appeal = (given: string) => call("moderation.appeal", { token: given, text: "I am no bot" });
    const page = await fetch(`${app.running.url}/appeal?token=${token}`);
    expect(await page.text()).toContain("/trpc/moderation.appeal");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect((await appeal("x".repeat(43))).reason).toBe("BAD_TOKEN");
    const all = await Promise.all([appeal(token), appeal(token), appeal(token)]);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await appeal(token)).reason).toBe("BAD_TOKEN");
    const [pending] = (await mod3.moderation.appeals()).items;
    expect(pending).toMatchObject({ action: "suspend", appeal: { text: "I am no bot" } });
    const decide = (uphold: boolean) => mod3.moderation.decideAppeal({ id: pending!.id, uphold });
    const decided = await Promise.allSettled([decide(false), decide(false), decide(false)]);
    expect(decided.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await app.anonymous.users.get({ username: "frank" })).toMatchObject({ username: "frank" });
  });

  it("that is turned down leaves all as it is, and brings back what was removed when it is not", async () => {
    const [mod, mod3, grace] = [await staff("mod"), await staff("mod3"), await app.as("grace")];
    const ids: string[] = [];
    for (const uphold of [true, false]) {
      const { id } = await grace.tweets.create({ content: "Poetry" });
      await mod.moderation.removeTweet({ id, reason: "Spam" });
      const strikeId = (await latest("grace"))!.id;
      await grace.moderation.appeal({ strikeId, text: "It is poetry" });
      await mod3.moderation.decideAppeal({ id: strikeId, uphold });
      ids.push(id);
    }
    await refuses(grace.tweets.get({ id: ids[0]! }), "TWEET_NOT_FOUND");
    expect(await app.anonymous.tweets.get({ id: ids[1]! })).toMatchObject({ content: "Poetry" });
  });

  it("comes too late after thirty days, and is no use against what was taken back", async () => {
    const strikeId = await warn("heidi");
    const heidi = await app.as("heidi");
    const token = tokenIn((await mails("heidi@example.com"))[0]!.text);
    await StrikeModel.updateOne({ _id: oid(strikeId) }, { appealUntil: new Date(Date.now() - 60_000) });
    await refuses(heidi.moderation.appeal({ strikeId, text: "No" }), "FORBIDDEN");
    await refuses(app.anonymous.moderation.appeal({ token, text: "No" }), "BAD_TOKEN");
    const other = await warn("heidi");
    await (await staff("mod")).moderation.revokeStrike({ strikeId: other });
    await refuses(heidi.moderation.appeal({ strikeId: other, text: "No" }), "ALREADY_SETTLED");
    for (const wrong of [{ text: " " }, { text: "x".repeat(1001) }])
      await refuses(heidi.moderation.appeal({ strikeId, ...wrong }), "BAD_INPUT");
  });

  it("is decided by who made the strike only where nobody else can, and never by its user", async () => {
    for (const name of ["mod", "mod2", "mod3"]) await app.setRole(name, "user");
    const root = await staff("root", "admin");
    const strikeId = await warn("ivan", "root");
    await (await app.as("ivan")).moderation.appeal({ strikeId, text: "No" });
    await app.setRole("ivan", "moderator");
    await refuses(
      (await app.as("ivan")).moderation.decideAppeal({ id: strikeId, uphold: false }),
      "SELF_TARGET",
    );
    // A moderator who is no higher than the user, or is shut out, is no other.
    await staff("mod2");
    await app.setRole("mod3", "admin");
    await app.change("mod3", { suspension: { reason: "Gone", until: null } });
    await root.moderation.decideAppeal({ id: strikeId, uphold: true });
    expect(await latest("ivan")).toMatchObject({ appeal: { state: "upheld" }, revokedAt: null });
  });
});
