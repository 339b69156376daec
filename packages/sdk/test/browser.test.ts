import { startTestApp } from "@warble/server/test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NotificationEvent, Warble } from "../src/index";
import { noBrowser, servePage, startBrowser } from "./browser";
import { comeIn, eventually, PASSWORD } from "./people";

const page = await servePage();
const app = startTestApp({ corsOrigins: [page.origin] });
let browser: Browser;
const contexts: BrowserContext[] = [];

interface Tab {
  warble: Warble;
  seen: NotificationEvent[];
  failed: string[];
  received: string[];
  opened: number;
  sends: Promise<number[]>;
}

beforeAll(async () => {
  if (!noBrowser) browser = await startBrowser();
});
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await page.close();
});

async function visit(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(`${page.origin}/?server=${encodeURIComponent(app.running.url)}`);
  await tab.waitForFunction(() => "warble" in window);
  return tab;
}

/** Opens a browser of one's own and signs in, in its first tab. */
async function signIn(name: string): Promise<{ context: BrowserContext; tab: Page }> {
  const context = await browser.newContext();
  contexts.push(context);
  const tab = await visit(context);
  await tab.evaluate((login) => (window as unknown as Tab).warble.auth.login(login).then(() => undefined), {
    identifier: name,
    password: PASSWORD,
  });
  return { context, tab };
}

async function watch(tab: Page): Promise<void> {
  await tab.evaluate(() => {
    const here = window as unknown as Tab;
    here.warble.notifications.watch({
      onEvent: (event) => here.seen.push(event),
      onOpen: () => here.opened++,
      onError: ({ reason }) => here.failed.push(reason),
    });
  });
}

const opened = (tab: Page) => tab.waitForFunction(() => (window as unknown as Tab).opened > 0);
const seenBy = (tab: Page) => tab.evaluate(() => (window as unknown as Tab).seen.map(({ id }) => id));
const streamsOf = (id: string) => app.running.app.channels.countOf(id, "stream");

describe.skipIf(noBrowser !== "")(`in a browser${noBrowser && ` (${noBrowser})`}`, () => {
  it("shares one stream among eight tabs, and leaves fetches their connections", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    const { context, tab } = await signIn(bob.name);
    const tabs = [tab, ...(await Promise.all(Array.from({ length: 7 }, () => visit(context))))];
    for (const each of tabs) await watch(each);
    await Promise.all(tabs.map(opened));
    expect(streamsOf(bob.id)).toBe(1);
    const names = await Promise.all(
      tabs.map((each) =>
        each.evaluate(() => (window as unknown as Tab).warble.auth.me().then((me) => me?.username)),
      ),
    );
    expect(new Set(names)).toEqual(new Set([bob.name]));
    const all = async (count: number, of: Page[]) => {
      await Promise.all(
        of.map((each) =>
          each.waitForFunction((n) => (window as unknown as Tab).seen.length >= n, count, {
            timeout: 15_000,
          }),
        ),
      );
      return Promise.all(of.map(seenBy));
    };
    await alice.api.tweets.create.mutate({ content: `@${bob.name} to all tabs` });
    const first = await all(1, tabs);
    expect(new Set(first.map(String)).size).toBe(1);

    // The tab that holds the stream goes, again and again, while alice goes on.
    for (let n = 2; n <= 4; n++) {
      await Promise.all([
        tabs.shift()?.close(),
        alice.api.tweets.create.mutate({ content: `@${bob.name} ${n}` }),
      ]);
    }
    const ids = await all(4, tabs);
    expect(new Set(ids.map(String)).size).toBe(1);
    expect(new Set(ids[0]).size).toBe(4);
    await eventually(() => streamsOf(bob.id) === 1 || undefined, "one stream");
  }, 90_000);

  it("signs all tabs out with one, and ends their streams", async () => {
    const bob = await comeIn(app, "bob");
    const { context, tab } = await signIn(bob.name);
    const other = await visit(context);
    for (const each of [tab, other]) await watch(each);
    await Promise.all([tab, other].map(opened));
    await tab.evaluate(() => (window as unknown as Tab).warble.auth.logout());
    await other.waitForFunction(() => (window as unknown as Tab).failed.length > 0);
    expect(await other.evaluate(() => (window as unknown as Tab).failed)).toEqual(["NOT_SIGNED_IN"]);
    expect(await other.evaluate(() => (window as unknown as Tab).warble.auth.tokens())).toBeNull();
    expect(streamsOf(bob.id)).toBe(0);
  }, 60_000);

  it("chats between two browsers, and sends what was written offline once", async () => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    const [hers, his] = [await signIn(alice.name), await signIn(bob.name)];
    for (const { tab } of [hers, his]) {
      await tab.evaluate(() => (window as unknown as Tab).warble.chat.connect());
    }
    const send = (contents: string[]) =>
      hers.tab.evaluate(
        ({ to, contents }) => {
          const here = window as unknown as Tab;
          const sends = contents.map((content) => here.warble.chat.send({ to, content }));
          here.sends = Promise.all(sends).then((sent) => sent.map(({ number }) => number));
        },
        { to: bob.id, contents },
      );
    const sent = () => hers.tab.evaluate(() => (window as unknown as Tab).sends);
    await send(["hello"]);
    expect(await sent()).toEqual([1]);
    await hers.context.setOffline(true);
    await send(["one", "two", "three"]);
    await hers.context.setOffline(false);
    expect(await sent()).toEqual([2, 3, 4]);
    await his.tab.waitForFunction(() => (window as unknown as Tab).received.length >= 4);
    expect(await his.tab.evaluate(() => (window as unknown as Tab).received)).toEqual([
      "hello",
      "one",
      "two",
      "three",
    ]);
  }, 60_000);
});
