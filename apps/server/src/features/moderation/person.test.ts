import { beforeAll, describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp } from "../../../test/http";
import { newId } from "../../platform/id";

const app = startTestApp();
const { ask } = overHttp(app);

const refuses = (call: Promise<unknown>, reason: string) => expect(call).rejects.toMatchObject({ reason });

beforeAll(async () => {
  await app.setRole("mod", "moderator");
  await app.setRole("root", "admin");
});

describe("moderation.users", () => {
  it("finds people by their names, whoever is hidden from whom, with what moderators need and no address", async () => {
    const mod = await app.as("mod");
    await (await app.as("walter")).users.update({ displayName: "Walter Birdman" });
    await app.change("wally", { emailVerified: false });
    await mod.moderation.suspend({ userId: await app.id("walrus"), reason: "Spam" });
    await (await app.as("wal")).users.block({ id: await app.id("mod") });
    const { items } = await mod.moderation.users({ query: "wal" });
    expect(items.map(({ username }) => username)).toEqual(["wal", "wally", "walrus", "walter"]);
    expect(items).toMatchObject([
      { role: "user", suspension: null, strikes: 0 },
      { emailVerified: false },
      { suspension: { reason: "Spam", until: null }, strikes: 1 },
      { displayName: "Walter Birdman" },
    ]);
    expect(JSON.stringify(items)).not.toContain("@");
    expect((await mod.moderation.users({ query: "birdman" })).items).toMatchObject([{ username: "walter" }]);
    expect((await mod.moderation.users({ query: "!" })).items).toEqual([]);
  });

  it("goes through all of them in pages", async () => {
    const names = Array.from({ length: 7 }, (_, n) => `crowd_${n}`);
    for (const name of names) await app.id(name);
    const mod = await app.as("mod");
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await mod.moderation.users({ query: "crowd", limit: 3, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ username }) => username));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(names);
    await refuses(mod.moderation.users({ query: "crowd", cursor: "made-up" }), "BAD_CURSOR");
  });
});

describe("moderation.endSessions", () => {
  it("signs a user out everywhere, and writes one row", async () => {
    const root = await app.as("root");
    const tokens = [await app.tokenFor("alice"), await app.tokenFor("alice")];
    const alive = async () => Promise.all(tokens.map(async (token) => (await ask("auth.me", token)).status));
    expect(await alive()).toEqual([200, 200]);
    await root.moderation.endSessions({ userId: await app.id("alice") });
    expect(await alive()).toEqual([401, 401]);
    const { items } = await root.moderation.audit({ limit: 1 });
    expect(items).toMatchObject([{ action: "endSessions", targetId: await app.id("alice") }]);
    await refuses(root.moderation.endSessions({ userId: String(newId()) }), "USER_NOT_FOUND");
    await refuses(root.moderation.endSessions({ userId: await app.id("root") }), "SELF_TARGET");
  });
});
