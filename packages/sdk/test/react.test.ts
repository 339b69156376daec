import { mkdir } from "node:fs/promises";
import type { QueryClient } from "@tanstack/react-query";
import { startTestApp } from "@warble/server/test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cookieJar, cookieStorage, type Warble } from "../src/index";
import { noBrowser, servePage, startBrowser } from "./browser";
import { clientOf, comeIn, eventually, PASSWORD } from "./people";
import { HTML } from "./react-app/page";

const page = await servePage("./react-app/app.tsx", HTML);
const app = startTestApp({ corsOrigins: [page.origin] });
let browser: Browser;
const contexts: BrowserContext[] = [];
/** What the page itself complained of. */
const complaints: string[] = [];

beforeAll(async () => {
  if (!noBrowser) browser = await startBrowser();
});
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await page.close();
});

/** What the page hands out. */
interface Exposed {
  warble: Warble;
  queryClient: QueryClient;
}

interface Visit {
  name?: string;
  /** Whether the session is kept in a cookie that the page can read. */
  cookie?: boolean;
  conversation?: string;
  width?: number;
}

/** Opens the app in a browser of one's own, and signs in. */
async function visit({ name, conversation, cookie, width = 1100 }: Visit): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 800 } });
  contexts.push(context);
  const tab = await context.newPage();
  tab.on("console", (message) => {
    // A refused call is the browser's to note, too.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text());
  });
  tab.on("pageerror", ({ message }) => complaints.push(message));
  const query = new URLSearchParams({
    server: app.running.url,
    ...(conversation && { conversation }),
    ...(cookie && { cookie: "1" }),
  });
  await tab.goto(`${page.origin}/?${query}`);
  if (name) await signIn(tab, name);
  return tab;
}

async function signIn(tab: Page, name: string): Promise<void> {
  await tab.fill("[name=name]", name);
  await tab.fill("[name=password]", PASSWORD);
  await tab.click("#login button");
  await tab.waitForSelector(`#me:text("@${name}")`);
}

const text = (tab: Page, selector: string, value: string | RegExp) =>
  eventually(async () => {
    const shown = (await tab.textContent(selector)) ?? "";
    return (typeof value === "string" ? shown.trim() === value : value.test(shown)) || undefined;
  }, `${value} in ${selector}`);
const poll = <T>(ask: () => Promise<T> | T) => expect.poll(ask, { timeout: 15_000 });
const likesOf = (tab: Page) => tab.locator("article .like");

async function shot(tab: Page, name: string): Promise<void> {
  if (!process.env.WARBLE_SHOTS) return;
  await mkdir(process.env.WARBLE_SHOTS, { recursive: true });
  await tab.screenshot({ path: `${process.env.WARBLE_SHOTS}/${name}.png`, fullPage: true });
}

describe.skipIf(noBrowser !== "")(`a React app${noBrowser && ` (${noBrowser})`}`, () => {
  it("shows home page after page, and likes and follows at once", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    await bob.api.users.follow.mutate({ id: alice.id });
    for (let n = 1; n <= 12; n++) await alice.api.tweets.create.mutate({ content: `number ${n}` });
    await app.settled();
    const tab = await visit({ name: bob.name });
    await poll(() => tab.locator("article").count()).toBe(5);
    await tab.click("#home .more");
    await poll(() => tab.locator("article").count()).toBe(10);
    await tab.click("#home .more");
    await poll(() => tab.locator("article").count()).toBe(12);
    expect(await tab.locator("#home .more").count()).toBe(0);
    const shown = await tab.locator("article p").allTextContents();
    expect(shown).toEqual(Array.from({ length: 12 }, (_, n) => `number ${12 - n}`));

    // The answer is held back: the page does not wait for it.
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await tab.route(/tweets\.(un)?like/, async (route) => {
      await held;
      await route.continue();
    });
    const first = likesOf(tab).first();
    const id = (await tab.locator("article").first().getAttribute("data-id")) ?? "";
    await first.click();
    await poll(() => first.textContent()).toBe("♥ 1");
    await first.click();
    await poll(() => first.textContent()).toBe("♡ 0");
    await first.click();
    await poll(() => first.textContent()).toBe("♥ 1");
    expect((await alice.api.tweets.get.query({ id })).counts.likes).toBe(0);
    // What is loaded meanwhile does not know of it, and takes nothing back.
    await tab.evaluate(() =>
      (window as unknown as Exposed).queryClient.refetchQueries({ queryKey: ["warble", "timelines"] }),
    );
    expect(await first.textContent()).toBe("♥ 1");
    answer();
    await eventually(
      async () => (await alice.api.tweets.get.query({ id })).counts.likes === 1 || undefined,
      "the like",
    );
    await tab.unroute(/tweets\.(un)?like/);
    expect(await first.textContent()).toBe("♥ 1");

    // What is refused is shown no more.
    await alice.api.tweets.delete.mutate({ id });
    await first.click();
    await tab.waitForSelector("article [role=alert]");
    await poll(() => first.textContent()).toBe("♥ 1");
    expect(await tab.textContent("article [role=alert]")).toBe("TWEET_NOT_FOUND");

    // All cards of one author are the same author.
    const follows = tab.locator("article .follow");
    await follows.nth(3).click();
    await poll(async () => new Set(await follows.allTextContents())).toEqual(new Set(["Follow"]));
    await eventually(
      async () => !(await bob.api.users.get.query({ id: alice.id })).viewer?.following || undefined,
      "the unfollow",
    );
    // Another device does it, and the stream tells.
    await bob.api.users.follow.mutate({ id: alice.id });
    await poll(async () => new Set(await follows.allTextContents())).toEqual(new Set(["Following"]));
    await shot(tab, "home-wide");
  }, 90_000);

  it("is told live, by one stream, and marks as read", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    await alice.api.tweets.create.mutate({ content: `@${bob.name} before` });
    await app.settled();
    const tab = await visit({ name: bob.name });
    await text(tab, "#unread", "1");
    await eventually(
      () => app.running.app.channels.countOf(bob.id, "stream") === 1 || undefined,
      "one stream for two components, in strict mode",
    );
    await alice.api.tweets.create.mutate({ content: `@${bob.name} now` });
    await text(tab, "#unread", "2");
    expect(await tab.locator("#notices p").allTextContents()).toEqual(
      Array.from({ length: 2 }, () => `mention by @${alice.name}`),
    );
    expect(await tab.locator("#notices .unread").count()).toBe(2);
    await tab.click("#read");
    await text(tab, "#unread", "0");
    expect(await tab.locator("#notices .unread").count()).toBe(0);
    expect((await bob.api.notifications.unreadCount.query()).count).toBe(0);
    expect(app.running.app.channels.countOf(bob.id, "stream")).toBe(1);
  }, 60_000);

  it("loads again what the stream can no longer tell", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    const tab = await visit({});
    let spoil = () => {};
    const held = new Promise<void>((resolve) => {
      spoil = resolve;
    });
    let streams = 0;
    await tab.route(/notifications\.stream/, async (route) => {
      const url = new URL(route.request().url());
      if (++streams === 1) {
        await held;
        url.searchParams.set("input", JSON.stringify({ lastEventId: "999999999" }));
      }
      await route.continue({ url: url.href });
    });
    await signIn(tab, bob.name);
    await text(tab, "#unread", "0");
    await eventually(() => streams === 1 || undefined, "the first stream");
    await alice.api.tweets.create.mutate({ content: `@${bob.name} missed` });
    await app.settled();
    expect(await tab.locator("#notices p").count()).toBe(0);
    spoil();
    await text(tab, "#unread", "1");
    await poll(() => tab.locator("#notices p").count()).toBe(1);
    await eventually(() => streams === 2 || undefined, "the second stream");
    await alice.api.tweets.create.mutate({ content: `@${bob.name} live` });
    await text(tab, "#unread", "2");
  }, 60_000);

  it("chats: history, live messages, what is on its way, read marks and typing", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
    ] as [Warble, { id: string }][]) {
      await one.api.users.follow.mutate({ id: other.id });
    }
    const { id: conversation } = await alice.api.chat.start.mutate({ userId: bob.id });
    for (let n = 1; n <= 25; n++) await alice.chat.send({ conversationId: conversation, content: `${n}` });
    const tab = await visit({ name: bob.name, conversation, width: 390 });
    const lines = () => tab.locator("#chat li").allTextContents();
    const shown = async () => (await lines()).map((line) => line.trim());
    const all = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);
    await poll(shown).toEqual(all(6, 25));
    await tab.click("#chat .older");
    await poll(shown).toEqual(all(1, 25));
    expect(await tab.textContent("#chat h2")).toContain(alice.name);

    await eventually(
      () => app.running.app.channels.countOf(bob.id, "socket") === 1 || undefined,
      "bob's socket",
    );
    await alice.chat.typing(conversation);
    await text(tab, "#typing", "is typing …");
    await alice.chat.send({ conversationId: conversation, content: "live" });
    await poll(async () => (await shown()).at(-1)).toBe("live");
    await text(tab, "#inbox p", "live (0)");
    await text(tab, "#typing", "");
    // The page marks what it shows as read.
    await eventually(async () => {
      const [one] = (await alice.chat.conversations()).items;
      return one?.reads.some(({ userId, number }) => userId === bob.id && number === 26) || undefined;
    }, "bob's read mark");

    // Another conversation comes forward, and the one that is not shown is unread.
    const carol = await comeIn(app, "carol");
    await carol.api.users.follow.mutate({ id: bob.id });
    await bob.api.users.follow.mutate({ id: carol.id });
    await carol.chat.send({ to: bob.id, content: "me too" });
    await text(tab, "#inbox p:first-of-type", "me too (1)");
    await alice.chat.send({ conversationId: conversation, content: "again" });
    await text(tab, "#inbox p:first-of-type", "again (0)");
    expect(await tab.locator("#inbox p").count()).toBe(2);
    const [{ id: newest = "" } = {}] = (await alice.chat.history({ conversationId: conversation })).items;
    await alice.chat.edit(newest, "again!");
    await poll(async () => (await shown()).at(-1)).toBe("again!");
    await alice.chat.delete(newest, "all");
    await poll(async () => (await shown()).at(-1)).toBe("");

    // What was read in the conversation is read among the notifications: two follows and carol's message are not.
    await poll(() => tab.locator("#notices .unread").count()).toBe(3);
    await text(tab, "#unread", "3");

    // Without a network it waits, and arrives once.
    await tab.context().setOffline(true);
    await tab.fill("#chat input", "from the train");
    await tab.press("#chat input", "Enter");
    await poll(async () => (await shown()).at(-1)).toBe("from the train …");
    expect(await tab.locator("#chat li.sending").count()).toBe(1);
    await shot(tab, "chat-narrow");
    await tab.context().setOffline(false);
    await poll(async () => (await shown()).at(-1)).toBe("from the train");
    expect(await tab.locator("#chat li.sending").count()).toBe(0);
    await alice.chat.read(conversation, 28);
    await poll(async () => (await shown()).at(-1)).toBe("from the train seen");
    const { items } = await alice.chat.history({ conversationId: conversation });
    expect(items.filter(({ content }) => content === "from the train")).toHaveLength(1);

    // What is refused stays, with why.
    await alice.api.users.block.mutate({ id: bob.id });
    await tab.fill("#chat input", "are you there?");
    await tab.press("#chat input", "Enter");
    await tab.waitForSelector("#chat li.failed");
    expect((await shown()).at(-1)).toBe("are you there? USER_NOT_FOUND");
  }, 90_000);

  it("leaves nothing of one user to the next", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    await alice.api.tweets.create.mutate({ content: "mine alone" });
    await app.settled();
    const tab = await visit({ name: alice.name });
    await tab.waitForSelector('article p:text("mine alone")');
    await tab.click("#out");
    await tab.waitForSelector("#login");
    const kept = () =>
      tab.evaluate(() => {
        const { queryClient } = window as unknown as {
          queryClient: { getQueriesData(o: object): unknown[] };
        };
        return JSON.stringify(queryClient.getQueriesData({ queryKey: ["warble"] }));
      });
    expect(await kept()).not.toContain("mine alone");
    await tab.fill("[name=name]", bob.name);
    await tab.fill("[name=password]", "not the right one");
    await tab.click("#login button");
    await text(tab, "[role=alert]", "BAD_CREDENTIALS");
    await signIn(tab, bob.name);
    await text(tab, "#unread", "0");
    expect(await kept()).not.toContain(alice.name);
    // One in place of the other, without a sign-out between.
    await tab.evaluate(
      (login) => (window as unknown as Exposed).warble.auth.login(login).then(() => undefined),
      {
        identifier: alice.name,
        password: PASSWORD,
      },
    );
    await tab.waitForSelector(`#me:text("@${alice.name}")`);
    await tab.waitForSelector('article p:text("mine alone")');
    await eventually(
      () => app.running.app.channels.countOf(alice.id, "stream") === 1 || undefined,
      "a stream of hers",
    );
    await bob.api.tweets.create.mutate({ content: `@${alice.name} live` });
    await text(tab, "#unread", "1");
    expect(app.running.app.channels.countOf(bob.id, "stream")).toBe(0);
    // Another tab signs out, and this one follows.
    const other = await tab.context().newPage();
    await other.goto(tab.url());
    await other.click("#out");
    await tab.waitForSelector("#login");
  }, 60_000);

  it("shares a session in a cookie with its server and among tabs", async () => {
    const alice = await comeIn(app, "alice");
    const tab = await visit({ name: alice.name, cookie: true });
    const [cookie] = await tab.context().cookies();
    // What the page's own server reads of it.
    const seen = clientOf(app, cookieStorage(cookieJar(`${cookie?.name}=${cookie?.value}`)));
    expect((await seen.auth.me())?.username).toBe(alice.name);
    expect(cookie).toMatchObject({ name: "warble.session", path: "/", sameSite: "Lax", httpOnly: false });
    const other = await tab.context().newPage();
    await other.goto(tab.url());
    await other.waitForSelector(`#me:text("@${alice.name}")`);
    await other.click("#out");
    await tab.waitForSelector("#login");
    expect(await tab.context().cookies()).toEqual([]);
  }, 60_000);
});
