// Runs each example as a process against a real server.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWarble, memoryStorage, type Warble } from "@warble/sdk";
import { startTestApp } from "@warble/server/test";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { Program } from "./program";

const app = startTestApp();
const running: Program[] = [];

/** An example that signs in as this person. */
async function play(
  example: string,
  name: string,
  more: { args?: string[]; env?: Record<string, string> } = {},
) {
  const program = new Program(example, more.args ?? [], {
    WARBLE_URL: app.running.url,
    WARBLE_USER: name,
    WARBLE_PASSWORD: await app.passwordOf(name),
    ...more.env,
  });
  running.push(program);
  return program;
}

async function clientOf(name: string): Promise<Warble> {
  const warble = createWarble({ url: app.running.url, storage: memoryStorage() });
  await warble.auth.login({ identifier: name, password: await app.passwordOf(name) });
  return warble;
}

beforeAll(async () => {
  for (const name of ["alice", "bob", "carol", "dan", "dicebot", "erin"]) await app.id(name);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.stop()));
});

describe("the bot", () => {
  it("rolls dice for who mentions it, and after a restart goes on where it was", async () => {
    const folder = await mkdtemp(join(tmpdir(), "warble-bot-"));
    const env = { BOT_FILE: join(folder, "bot.json") };
    const alice = await clientOf("alice");
    const bot = await play("bot.ts", "dicebot", { env });
    await bot.prints(/Rolling dice as @dicebot/);
    const tweet = await alice.api.tweets.create.mutate({ content: "@dicebot 2d6, please" });
    await bot.prints(/@alice: @dicebot 2d6, please -> [1-6] \+ [1-6] = \d+/);
    expect(await bot.stop()).toBe(0);

    await alice.api.tweets.create.mutate({ content: "@dicebot are you there?" });
    const again = await play("bot.ts", "dicebot", {
      env: { ...env, WARBLE_PASSWORD: "its session is kept" },
    });
    await again.prints(/are you there\? -> Mention me with dice/);
    const { items } = await alice.api.comments.list.query({ tweetId: tweet.id });
    expect(items).toMatchObject([
      { author: { username: "dicebot" }, content: expect.stringMatching(/ = \d+$/) },
    ]);
    await rm(folder, { recursive: true });
  });
});

describe("the chat", () => {
  it("has two people talk", async () => {
    const bob = await play("chat.ts", "bob", { args: ["carol"] });
    await bob.prints(/Chatting with @carol as @bob/);
    const carol = await play("chat.ts", "carol", { args: ["bob"] });
    await carol.prints(/Chatting with @bob as @carol/);
    bob.type("Shall we meet?");
    await carol.prints(/@bob: Shall we meet\?/);
    carol.type("At \u0007noon");
    await bob.prints(/@carol: At {2}noon/);
    bob.type("/quit");
    expect(await bob.ended()).toBe(0);

    const back = await play("chat.ts", "bob", { args: ["carol"] });
    await back.prints(/you: Shall we meet\?[\s\S]*@carol: At {2}noon/);
  });

  it("says why it does not send", async () => {
    const dan = await play("chat.ts", "dan", { args: ["carol"] });
    await dan.prints(/Chatting with @carol/);
    dan.type("a".repeat(1_001));
    await dan.prints(/\(BAD_INPUT: /);
  });

  it("ends when there is nobody of that name", async () => {
    const dan = await play("chat.ts", "dan", { args: ["nobody"] });
    expect(await dan.ended()).toBe(1);
    expect(dan.output).toContain("There is no such user.");
  });
});

describe("the page", () => {
  it("signs in, shows home, writes a tweet and signs out", async () => {
    const erin = await clientOf("erin");
    await erin.api.tweets.create.mutate({ content: "<script>alert(1)</script> & more" });
    const page = await play("page.ts", "erin", { env: { PORT: "0" } });
    const origin = await page.prints(/http:\/\/localhost:\d+/);
    const post = (path: string, form: Record<string, string>, cookie = "") =>
      fetch(origin + path, {
        method: "POST",
        body: new URLSearchParams(form),
        headers: { cookie },
        redirect: "manual",
      });
    expect(await (await fetch(origin)).text()).toContain("Sign in");
    const refused = await post("/login", { identifier: "erin", password: "wrong" });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("The name or the password is wrong.");

    const signedIn = await post("/login", { identifier: "erin", password: await app.passwordOf("erin") });
    expect(signedIn.status).toBe(303);
    const [cookie = ""] = (signedIn.headers.get("set-cookie") ?? "").split(";");
    expect(signedIn.headers.get("set-cookie")).toMatch(/HttpOnly/i);
    expect((await post("/tweet", { content: "From a form" }, cookie)).status).toBe(303);
    const home = await (await fetch(origin, { headers: { cookie } })).text();
    expect(home).toContain("From a form");
    expect(home).toContain("&#60;script&#62;alert(1)&#60;/script&#62; &#38; more");
    expect(home).not.toContain("<script>");

    expect((await post("/logout", {}, cookie)).headers.get("set-cookie")).toMatch(
      /Expires=Thu, 01 Jan 1970/i,
    );
    expect(await (await fetch(origin, { headers: { cookie } })).text()).toContain("Sign in");
  });

  it("says that the server cannot be reached", async () => {
    const page = await play("page.ts", "erin", { env: { PORT: "0", WARBLE_URL: "http://127.0.0.1:9" } });
    const origin = await page.prints(/http:\/\/localhost:\d+/);
    const answer = await fetch(`${origin}/login`, {
      method: "POST",
      body: new URLSearchParams({ identifier: "a" }),
    });
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain("No Warble server answered");
  });
});
