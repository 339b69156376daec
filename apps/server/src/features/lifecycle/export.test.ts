import type { Conversation, DataExport, Page, Tweet } from "@warble/contracts";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromBufferPromise } from "yauzl";
import { startTestApp, unlimited } from "../../../test/harness";
import { PASSWORD } from "../../../test/http";
import { atOnce, closeClients, type Person, visit } from "../../../test/mistakes/client";
import { changeUser } from "../users/user.service";

const policy = { ...unlimited };
const app = startTestApp({ policy, logLevel: "silent" });
const { call, ask, everybody, join, register, login, chat } = visit(app);
afterAll(closeClients);

const stored = (collection: string) => mongoose.connection.collection(collection);

let ann: Person;
let bob: Person;
let eve: Person;

const request = (by: Person) => call<DataExport>("users.requestExport", undefined, { by });
const list = async (by: Person) => (await ask<Page<DataExport>>("users.exports", {}, { by })).data.items;
const fetched = (id: string, by?: Pick<Person, "accessToken">) =>
  fetch(`${app.running.url}/exports/${id}`, by && { headers: { authorization: `Bearer ${by.accessToken}` } });

/** As if a day had passed since all exports were asked for. */
const nextDay = () =>
  stored("exports").updateMany({}, [
    { $set: { createdAt: { $dateSubtract: { startDate: "$createdAt", unit: "hour", amount: 25 } } } },
  ]);

/** The files of a zip, by name. */
async function unzip(zip: ArrayBuffer): Promise<Map<string, string>> {
  const archive = await fromBufferPromise(Buffer.from(zip));
  const files = new Map<string, string>();
  for await (const entry of archive.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await archive.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    files.set(entry.fileName, Buffer.concat(chunks).toString("utf8"));
  }
  return files;
}

const lines = (files: Map<string, string>, name: string): Record<string, unknown>[] =>
  (files.get(`${name}.jsonl`) ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  [ann, bob, eve] = (await everybody("ann", "bob", "eve")) as [Person, Person, Person];
  for (const [who, whom] of [
    [ann, bob],
    [bob, ann],
    [eve, ann],
    [ann, eve],
  ] as const)
    await call("users.follow", { id: whom.id }, { by: who });
  const { data: tweet } = await call<Tweet>("tweets.create", { content: "first" }, { by: ann });
  await call("tweets.update", { id: tweet.id, content: "mine @bob \u{1F426}" }, { by: ann });
  const gone = await call<Tweet>("tweets.create", { content: "I took this back" }, { by: ann });
  await call("tweets.delete", { id: gone.data.id }, { by: ann });
  const { data: his } = await call<Tweet>("tweets.create", { content: "his" }, { by: bob });
  await call("comments.create", { tweetId: his.id, content: "my answer" }, { by: ann });
  await call("comments.create", { tweetId: tweet.id, content: "his answer" }, { by: bob });
  for (const path of ["tweets.like", "tweets.retweet"]) await call(path, { id: his.id }, { by: ann });
  await call("users.muteWord", { word: "spoilers" }, { by: ann });
  const client = await chat(bob);
  const say = (content: string) => client.say("chat:send", { clientId: content, to: ann.id, content });
  const { message } = await say("bob deleted this");
  await say("bob wrote this");
  await call("chat.delete", { messageId: message.id, for: "all" }, { by: bob });
  const group = { title: "Birds", userIds: [bob.id, eve.id] };
  const { data } = await call<Conversation>("chat.createGroup", group, { by: ann });
  const hers = await chat(eve);
  await hers.say("chat:send", { conversationId: data.id, clientId: "e", content: "eve is hidden" });
  // Whom the viewer may not see is not in it either.
  await changeUser(eve.id, { suspension: { reason: "spam", until: null } });
  await app.settled();
}, 60_000);

describe("an export", () => {
  test("has all that is one's own and that one may see, and no secrets, nor anything private of others", async () => {
    const asked = await request(ann);
    expect(asked.data).toMatchObject({ state: "making", bytes: null });
    expect((await request(ann)).data.id).toBe(asked.data.id);
    await app.settled();
    const [ready] = await list(ann);
    expect(ready).toMatchObject({ id: asked.data.id, state: "ready", bytes: expect.any(Number) });
    expect(Date.parse(ready!.expiresAt) - Date.parse(ready!.createdAt)).toBe(7 * 24 * 3600 * 1000);

    const response = await fetched(ready!.id, ann);
    expect([
      response.status,
      response.headers.get("content-type"),
      response.headers.get("cache-control"),
    ]).toEqual([200, "application/zip", "no-store"]);
    expect(response.headers.get("content-disposition")).toMatch(
      /^attachment; filename="warble-[\d-]+\.zip"$/,
    );
    const body = await response.arrayBuffer();
    expect(body.byteLength).toBe(ready!.bytes);
    const files = await unzip(body);
    for (const name of files.keys())
      if (name !== "README.txt") expect(files.get("README.txt")).toContain(`${name}: `);
    expect(lines(files, "profile")).toMatchObject([{ username: "ann", email: ann.email }]);
    expect(lines(files, "account")).toMatchObject([{ email: ann.email, emailVerified: true }]);
    expect(lines(files, "tweets")).toMatchObject([
      { content: "mine @bob \u{1F426}", counts: { replies: 1 } },
    ]);
    expect(lines(files, "comments")).toMatchObject([{ content: "my answer", tweetId: expect.any(String) }]);
    expect(lines(files, "edits").map(({ content }) => content)).toEqual(["mine @bob \u{1F426}", "first"]);
    expect(lines(files, "likes")).toMatchObject([{ kind: "tweet", likedAt: expect.any(String) }]);
    expect(lines(files, "retweets")).toHaveLength(1);
    for (const name of ["followers", "following"])
      expect(lines(files, name)).toEqual([{ id: bob.id, username: "bob", displayName: "bob" }]);
    expect(lines(files, "muted-words")).toMatchObject([{ word: "spoilers" }]);
    expect(lines(files, "sessions")).toHaveLength(1);
    expect(lines(files, "notifications").length).toBeGreaterThan(1);
    expect(lines(files, "conversations")).toHaveLength(2);
    expect(lines(files, "messages").map(({ content }) => content)).toEqual(["bob wrote this"]);

    const text = [...files.values()].join("\n");
    for (const never of [
      bob.email,
      eve.email,
      eve.id,
      "eve is hidden",
      "bob deleted this",
      "I took this back",
      "$2b$",
      ann.refreshToken,
      "passwordHash",
      "seed",
    ])
      expect(text, never).not.toContain(never);
    const inbox = await fetch(`${app.running.url}/inbox/mails?to=${ann.email}`);
    const [mail] = (await inbox.json()) as { subject: string; text: string }[];
    expect(mail?.subject).toBe("Your data is ready");
    expect(mail?.text).not.toContain(ready!.id);
  });

  test("is its owner's alone, and to others as if it were not", async () => {
    const [{ id } = { id: "" }] = await list(ann);
    const textOf = async (response: Response) => (await response.text()).replace(/"requestId":"[^"]*"/, "");
    const never = await fetched("0".repeat(24), bob);
    const wanted = [404, await textOf(never)];
    for (const response of [
      await fetched(id, bob),
      await fetched("nonsense", bob),
      await fetched("%00", bob),
    ])
      expect([response.status, await textOf(response)]).toEqual(wanted);
    for (const by of [undefined, { accessToken: "no.such.token" }])
      expect((await fetched(id, by)).status).toBe(401);
    expect((await fetch(`${app.running.url}/exports/${id}?token=${ann.accessToken}`)).status).toBe(401);
    expect(
      (
        await fetch(`${app.running.url}/exports/${id}`, {
          method: "POST",
          headers: { authorization: `Bearer ${ann.accessToken}` },
        })
      ).status,
    ).toBe(404);
    expect(await list(bob)).toEqual([]);
  });

  test("is made once a day, and once however many ask at once", async () => {
    const refused = await request(ann);
    expect([refused.reason, (refused.retryAfter ?? 0) > 86_000]).toEqual(["RATE_LIMITED", true]);
    await nextDay();
    const replies = await atOnce(6, () => request(ann));
    expect(new Set(replies.map(({ data }) => data?.id)).size).toBe(1);
    await app.settled();
    expect(await list(ann)).toHaveLength(2);
    expect((await request(ann)).reason).toBe("RATE_LIMITED");
  });

  test("takes a password given lately, and somebody who is signed in, verified or not", async () => {
    expect((await call("users.requestExport")).reason).toBe("NOT_SIGNED_IN");
    expect((await ask("users.exports", {})).reason).toBe("NOT_SIGNED_IN");
    expect((await request(eve)).reason).toBe("NOT_SIGNED_IN");
    await register("newcomer");
    const { accessToken } = (await login("newcomer")).data.tokens;
    const by = { ...bob, accessToken };
    const session = {
      userId: new mongoose.Types.ObjectId((await stored("users").findOne({ usernameKey: "newcomer" }))?._id),
    };
    await stored("sessions").updateMany(session, { $set: { authenticatedAt: new Date(0) } });
    expect((await request(by)).reason).toBe("REAUTH_REQUIRED");
    await call("auth.confirmPassword", { password: PASSWORD }, { by });
    const { data } = await request(by);
    await app.settled();
    const files = await unzip(await (await fetched(data.id, by)).arrayBuffer());
    expect(lines(files, "profile")).toMatchObject([{ username: "newcomer", emailVerified: false }]);
    expect(lines(files, "tweets")).toEqual([]);
  });

  test("that was cut off in the middle is made from its beginning, and leaves no half of a file", async () => {
    const dan = await join("dan");
    const db = mongoose.connection.db!;
    await db.createCollection("exports.files").catch(() => undefined);
    await db.command({ collMod: "exports.files", validator: { length: { $lt: 0 } } });
    const { data } = await request(dan);
    await expect
      .poll(() => stored("jobs").findOne({ name: "export.make", attempts: 1 }), { timeout: 10_000 })
      .not.toBeNull();
    const files_id = new mongoose.Types.ObjectId(data.id);
    expect(await stored("exports.chunks").countDocuments({ files_id })).toBeGreaterThan(0);
    expect((await fetched(data.id, dan)).status).toBe(404);
    expect((await list(dan))[0]?.state).toBe("making");
    await db.command({ collMod: "exports.files", validator: {} });
    await stored("jobs").updateMany({ name: "export.make" }, { $set: { runAt: new Date(0) } });
    await app.settled();
    expect(await stored("exports.chunks").countDocuments({ files_id })).toBe(1);
    expect((await unzip(await (await fetched(data.id, dan)).arrayBuffer())).size).toBeGreaterThan(15);
  });

  test("is failed when it was not made in a day, and then another may be asked for", async () => {
    const lea = await join("lea");
    await app.running.app.jobs.stop();
    const { data } = await request(lea);
    await nextDay();
    expect(await list(lea)).toMatchObject([{ id: data.id, state: "failed" }]);
    app.running.app.jobs.start(["events", "mail", "exports", "timelines"]);
    expect((await request(lea)).data.id).not.toBe(data.id);
    await app.settled();
    expect((await list(lea)).map(({ state }) => state)).toEqual(["ready", "failed"]);
  });

  test("is removed when its time is over, and with the account", async () => {
    const before = await list(ann);
    await stored("jobs").updateMany(
      { name: /export.lapsed/, "payload.exportId": before[0]?.id },
      { $set: { runAt: new Date(0) } },
    );
    await app.settled();
    expect(await list(ann)).toEqual(before.slice(1));
    expect((await fetched(before[0]!.id, ann)).status).toBe(404);
    await call("users.deleteAccount", { password: PASSWORD }, { by: ann });
    await app.settled();
    for (const { id } of before) {
      const _id = new mongoose.Types.ObjectId(id);
      expect(await stored("exports").countDocuments({ _id })).toBe(0);
      expect(await stored("exports.files").countDocuments({ _id })).toBe(0);
      expect(await stored("exports.chunks").countDocuments({ files_id: _id })).toBe(0);
    }
  });
});
