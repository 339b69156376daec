import mongoose from "mongoose";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";
import { newId } from "../../platform/id";
import { searchKeysOf, spellingsOf, typosBetween } from "../users/name.service";
import { changeUser, createUser } from "../users/user.service";

const app = startTestApp();
const suspension = { reason: "spam", until: null };
const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });
const names = (page: { items: { username: string }[] }) => page.items.map((user) => user.username);
const search = async (query: string, limit = 20) => names(await app.anonymous.search.users({ query, limit }));

async function named(username: string, displayName: string) {
  await (await app.as(username)).users.update({ displayName });
}

/** So many people who share a name. */
const crowd = (count: number, username: string, displayName = "Crowd") =>
  Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const { _id } = await createUser(`${username}${n}`, displayName);
      await changeUser(String(_id), { emailVerified: true });
    }),
  );

describe("search.users", () => {
  it("finds users by the beginning of username or any word of the display name, in any case", async () => {
    await named("alice", "Alice Liddell");
    await named("wonder_al", "Lidia Ünlü");
    expect(await search("ALI")).toEqual(["alice"]);
    expect(await search("@ali")).toEqual(["alice"]);
    expect((await search("lid")).sort()).toEqual(["alice", "wonder_al"]);
    expect(await search("alice lid")).toEqual(["alice"]);
    expect(await search("lid alice")).toEqual(["alice"]);
    expect(await search("ünl")).toEqual(["wonder_al"]);
    expect(await search("wonder_a")).toEqual(["wonder_al"]);
    expect(await search("dell")).toEqual([]);
    expect(await search("alice smith")).toEqual([]);
    expect(await search("@@ !")).toEqual([]);
  });

  it("follows a change of the display name", async () => {
    await named("dan", "Before");
    await named("dan", "After");
    expect(await search("before")).toEqual([]);
    expect(await search("after")).toEqual(["dan"]);
  });

  it("forgives one wrong letter in short words and two in longer ones", async () => {
    await named("margaret", "Margaret Hamilton");
    await named("otto", "Otto");
    for (const typo of [
      "margarte",
      "margret",
      "maggaret",
      "nargarett",
      "amrgaret",
      "hamiltno",
      "hmailtn",
      "hzmiltxn",
    ]) {
      expect(await search(typo), typo).toEqual(["margaret"]);
    }
    expect(await search("margaret hamiltno")).toEqual(["margaret"]);
    for (const typo of ["oto", "ottoo", "toto"]) {
      expect(await search(typo), typo).toEqual(typo === "oto" ? [] : ["otto"]);
    }
    for (const far of ["nargzrex", "hmitn", "ottxx"]) expect(await search(far), far).toEqual([]);
  });

  it("ranks the exact name first, then whom one follows, then who is followed most", async () => {
    for (const name of ["robin", "robina", "robinb", "robinc", "rabin"]) await app.id(name);
    const viewer = await app.as("viewer");
    for (const fan of ["fan1", "fan2"]) {
      await (await app.as(fan)).users.follow({ id: await app.id("robinb") });
    }
    await viewer.users.follow({ id: await app.id("robinc") });
    await (await app.as("fan1")).users.follow({ id: await app.id("rabin") });
    expect(await search("robin")).toEqual(["robin", "robinb", "robinc", "robina", "rabin"]);
    const mine = await viewer.search.users({ query: "robin" });
    expect(names(mine)).toEqual(["robin", "robinc", "robinb", "robina", "rabin"]);
    expect(mine.items[1]).toMatchObject({ viewer: { following: true } });
  });

  it("finds whom one follows among more than are read", async () => {
    await crowd(80, "crowd");
    await app.id("crowdz");
    const viewer = await app.as("watcher");
    await viewer.users.follow({ id: await app.id("crowdz") });
    expect(names(await viewer.search.users({ query: "crow", limit: 1 }))).toEqual(["crowdz"]);
  });

  it("pages through all once", async () => {
    await Promise.all(Array.from({ length: 7 }, (_, n) => app.id(`paged${n}`)));
    const got: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.anonymous.search.users({ query: "paged", limit: 3, ...(cursor && { cursor }) });
      got.push(...names(page));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(got.sort()).toEqual(Array.from({ length: 7 }, (_, n) => `paged${n}`));
  });

  it("hides suspended users", async () => {
    await app.id("mallory");
    await app.change("mallory", { suspension });
    expect(await search("mallory")).toEqual([]);
    expect(await search("malory")).toEqual([]);
    expect((await app.anonymous.search.suggest({ query: "mall" })).users).toEqual([]);
  });

  it("takes what means something to a database or a pattern as plain text", async () => {
    for (const query of [".*", "^a", "$where", "{$ne:1}", "(((((", "a\\", "[a-z]", "*"]) {
      expect(Array.isArray(await search(query)), query).toBe(true);
    }
    expect(await search("a.*e")).toEqual([]);
    await refuses(app.anonymous.search.users({ query: { $ne: "" } as never }), "BAD_INPUT");
    await refuses(app.anonymous.search.users({ query: " " }), "BAD_INPUT");
    await refuses(app.anonymous.search.users({ query: "x".repeat(65) }), "BAD_INPUT");
    await refuses(app.anonymous.search.users({ query: "alice", cursor: "zzz" }), "BAD_CURSOR");
  });

  it("reads at most 200 candidates, by index", async () => {
    await crowd(150, "bulk", "Bulky Buffalo");
    const viewer = await app.as("watcher");
    await app.settled();
    const reads = await profiled(() => viewer.search.users({ query: "bulky buffalo" }));
    for (const read of reads) {
      expect(read.plan, JSON.stringify(read)).toContain("IXSCAN");
      expect(read.sorted, JSON.stringify(read)).toBe(false);
    }
    expect(reads.filter((read) => read.collection === "users")).toHaveLength(4);
  });
});

describe("what search.users costs", () => {
  const THOUSANDS = 4_000;
  const examined = async (query: string) => {
    const viewer = await app.as("watcher");
    const reads = await profiled(() => viewer.search.users({ query }));
    for (const read of reads) {
      expect(read.plan, JSON.stringify(read)).toContain("IXSCAN");
      expect(read.sorted, JSON.stringify(read)).toBe(false);
    }
    return reads.reduce((sum, read) => sum + read.docsExamined, 0);
  };

  beforeAll(async () => {
    const users = Array.from({ length: THOUSANDS }, (_, n) => {
      const username = `qa${n}`;
      const displayName = n % 2 ? `Quentin Rivers${n}` : `Quentin Stone${n}`;
      return {
        _id: newId(),
        username,
        usernameKey: username,
        displayName,
        ...searchKeysOf(username, displayName),
        emailVerified: true,
        avatarUrl: null,
        suspension: null,
        deactivatedAt: null,
        deletedAt: null,
        protected: false,
        counts: { followers: n === 2_500 ? 9 : n % 7, following: 0, tweets: 0 },
        createdAt: new Date(),
      };
    });
    await mongoose.connection.collection("users").insertMany(users);
  });

  it.each([
    ["q", 300],
    ["quentin", 300],
    ["qeuntin", 300],
    ["quentin stone", 3_500],
    ["quentin nobody", 3_500],
    ["q s", 3_500],
    ["quentni rivesr", 3_500],
    ["rivers1 stone2", 3_500],
  ])("is bounded, however many there are: %s", async (query, most) => {
    expect(await examined(query)).toBeLessThan(most);
  });

  it("finds the most followed of all who begin so", async () => {
    for (const query of ["q", "qa", "quent", "q stone", "quentin"])
      expect([query, await search(query, 1)]).toEqual([query, ["qa2500"]]);
  });
});

describe("spellings", () => {
  it("of two words that are a typo apart meet", () => {
    const meet = (a: string, b: string) => spellingsOf(a).some((each) => spellingsOf(b).includes(each));
    expect(meet("alice", "alcie")).toBe(true);
    expect(meet("wonderful", "wondreflu")).toBe(true);
    expect(meet("alice", "bobby")).toBe(false);
    expect(spellingsOf("bob")).toEqual(["bob"]);
    expect(spellingsOf("abcdefghijklmnop").length).toBeLessThanOrEqual(29);
  });

  it("are as far apart as there are typos", () => {
    expect(typosBetween("alice", "alice")).toBe(0);
    expect(typosBetween("alice", "alcie")).toBe(1);
    expect(typosBetween("alice", "alic")).toBe(1);
    expect(typosBetween("alice", "malicex")).toBe(2);
    expect(typosBetween("", "abc")).toBe(3);
    expect(typosBetween("𝒶b", "b")).toBe(1);
  });
});
