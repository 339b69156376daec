import type { User } from "@warble/contracts";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { newId } from "../../platform/id";
import { findUsersLike } from "./user-search.service";

const app = startTestApp();
const suspension = { reason: "spam", until: null };

const refusal = async (call: Promise<unknown>): Promise<string> => {
  const error = await call.then(
    () => new Error("it was not refused"),
    (refused: unknown) => refused,
  );
  return JSON.stringify(error, ["code", "reason", "message", "issues", "retryAfter"]);
};

describe("users.get", () => {
  it("shows a profile to anybody, by username without case or by id", async () => {
    const id = await app.id("alice");
    const byName = await app.anonymous.users.get({ username: "ALICE" });
    expect(byName).toEqual(await app.anonymous.users.get({ id }));
    expect(byName).toMatchObject({ id, username: "alice", viewer: null });
    expect(byName.counts).toEqual({ followers: 0, following: 0, tweets: 0 });
  });

  it("says what stands between the viewer and the user", async () => {
    const [bob, id] = [await app.as("bob"), await app.id("alice")];
    await bob.users.follow({ id });
    const { viewer } = await (await app.as("alice")).users.get({ username: "bob" });
    expect(viewer).toEqual({
      following: false,
      followedBy: true,
      requested: false,
      requestedBy: false,
      blocking: false,
      muting: false,
      mutingRetweets: false,
    });
    await bob.users.unfollow({ id });
  });

  it("shows nothing private: no e-mail, role, hash or search key", async () => {
    const keys = (user: object) => Object.keys(user).sort();
    const card = ["avatarUrl", "displayName", "id", "protected", "username", "viewer"];
    const profile = [...card, "bannerUrl", "bio", "counts", "createdAt", "location", "website"].sort();
    const alice = await app.as("alice");
    await alice.users.follow({ id: await app.id("bob") });
    expect(keys(await app.anonymous.users.get({ username: "alice" }))).toEqual(profile);
    expect(keys(await alice.users.get({ username: "alice" }))).toEqual(profile);
    expect(keys(await alice.users.update({ bio: "Hello" }))).toEqual(profile);
    const { items } = await app.anonymous.users.followers({ username: "bob" });
    expect(items.map(keys)).toEqual([card]);
    await alice.users.unfollow({ id: await app.id("bob") });
  });

  it("tells a suspended user from one who never was by nothing", async () => {
    const id = await app.id("mallory");
    await app.change("mallory", { suspension });
    const bob = await app.as("bob");
    const missing = await refusal(bob.users.get({ username: "nobody_here" }));
    expect(missing).toContain("USER_NOT_FOUND");
    expect(await refusal(bob.users.get({ username: "mallory" }))).toBe(missing);
    expect(await refusal(bob.users.get({ id }))).toBe(missing);
    expect(await refusal(app.anonymous.users.get({ id: String(newId()) }))).toBe(missing);
  });

  it("shows a suspended user to an administrator only", async () => {
    await app.setRole("admin", "admin");
    await app.setRole("moderator", "moderator");
    expect(await (await app.as("admin")).users.get({ username: "mallory" })).toMatchObject({
      username: "mallory",
    });
    expect(await refusal((await app.as("moderator")).users.get({ username: "mallory" }))).toContain(
      "USER_NOT_FOUND",
    );
  });

  it("shows a user again when the suspension has run out", async () => {
    await app.change("dave", { suspension: { reason: "spam", until: new Date(Date.now() - 1000) } });
    expect(await app.anonymous.users.get({ username: "dave" })).toMatchObject({ username: "dave" });
  });

  it.each([{}, { username: "a" }, { id: "1" }, { username: { $ne: null } }, { id: ["x"] }])(
    "refuses %j as input",
    async (input) => {
      expect(await refusal(app.anonymous.users.get(input as never))).toContain("BAD_INPUT");
    },
  );
});

describe("users.relationships", () => {
  it("answers in the order asked and leaves out who is unknown or hidden", async () => {
    const [alice, bob, carol] = [await app.id("alice"), await app.id("bob"), await app.id("carol")];
    await (await app.as("alice")).users.follow({ id: carol });
    await (await app.as("bob")).users.follow({ id: alice });
    const asked = [carol, String(newId()), await app.id("mallory"), bob, alice];
    const answered = await (await app.as("alice")).users.relationships({ ids: asked });
    expect(answered.map(({ id, viewer }) => [id, viewer.following, viewer.followedBy])).toEqual([
      [carol, true, false],
      [bob, false, true],
      [alice, false, false],
    ]);
  });

  it("refuses somebody who is not signed in, and too many or no ids", async () => {
    const ids = [await app.id("alice")];
    expect(await refusal(app.anonymous.users.relationships({ ids }))).toContain("NOT_SIGNED_IN");
    const bob = await app.as("bob");
    expect(await refusal(bob.users.relationships({ ids: [] }))).toContain("BAD_INPUT");
    const many = Array.from({ length: 101 }, () => String(newId()));
    expect(await refusal(bob.users.relationships({ ids: many }))).toContain("BAD_INPUT");
  });
});

describe("users.update", () => {
  it("changes what is given and leaves the rest", async () => {
    const carol = await app.as("carol");
    await carol.users.update({ bio: "Birds", location: "Here", website: "https://carol.example/" });
    const user: User = await carol.users.update({ displayName: " Carol Wren " });
    expect(user).toMatchObject({
      displayName: "Carol Wren",
      bio: "Birds",
      location: "Here",
      website: "https://carol.example/",
    });
    expect(await app.anonymous.users.get({ username: "carol" })).toMatchObject({ displayName: "Carol Wren" });
  });

  it("clears with an empty text or null", async () => {
    const carol = await app.as("carol");
    expect(await carol.users.update({ bio: "", website: null })).toMatchObject({ bio: "", website: null });
  });

  it("takes undefined as left out", async () => {
    const carol = await app.as("carol");
    await carol.users.update({ bio: "Owls" });
    expect(await carol.users.update({ bio: undefined, location: "There" })).toMatchObject({
      bio: "Owls",
      location: "There",
    });
  });

  it("lets the user be found by the new name", async () => {
    await (await app.as("carol")).users.update({ displayName: "Zaunkönig Özil" });
    const [found] = await findUsersLike(["zaunkönig"], []);
    expect(found?.names).toEqual(["carol", "zaunkönig", "özil"]);
  });

  it("is open to somebody who has not verified, and to nobody who is not signed in", async () => {
    const input = { bio: "New here" };
    await app.change("newcomer", { emailVerified: false });
    expect(await (await app.as("newcomer")).users.update(input)).toMatchObject(input);
    expect(await refusal(app.anonymous.users.update(input))).toContain("NOT_SIGNED_IN");
  });

  it.each([
    {},
    { role: "admin" },
    { emailVerified: true },
    { counts: { followers: 1e6 } },
    { displayName: " " },
    { displayName: "x".repeat(51) },
    { bio: "x".repeat(161) },
    { bio: "\ud800" },
    { website: "javascript:alert(1)" },
  ])("refuses %j", async (input) => {
    expect(await refusal((await app.as("bob")).users.update(input as never))).toContain("BAD_INPUT");
  });
});
