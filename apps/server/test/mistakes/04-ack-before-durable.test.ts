import type { FeedItem, Message, Page, Tweet, User, UserCard } from "@warble/contracts";
import { expect, test, vi } from "vitest";
import type { ChatClient } from "../chat-client";
import { startChild } from "./child";
import { allOf, closeClients, type Person, visit } from "./client";

const server = startChild();
const { call, ask, everybody, chat } = visit(server);

/** What the server has said that it did. */
interface Ledger {
  tweets: Set<string>;
  likes: { tweetId: string; userId: string }[];
  messages: Message[];
}

const NAMES = ["alice", "bob", "carol", "dan"];

/** Tweets, likes and writes to somebody until the server is gone. */
async function work(me: Person, friend: Person, { ledger, client }: { ledger: Ledger; client: ChatClient }) {
  for (let n = 0; n < 250; n++) {
    const { data: tweet } = await call<Tweet>("tweets.create", { content: `tweet ${n}` }, { by: me });
    ledger.tweets.add(tweet.id);
    const like = await call("tweets.like", { id: tweet.id }, { by: friend });
    if (like.status === 200) ledger.likes.push({ tweetId: tweet.id, userId: friend.id });
    if (n >= 18) continue;
    const message = { clientId: `${n}`, to: friend.id, content: `message ${n}` };
    ledger.messages.push((await client.say("chat:send", message)).message);
  }
}

const tweetsOf = (username: string) =>
  allOf((cursor) => ask<Page<FeedItem>>("timelines.user", { username, cursor, limit: 100 }));
const likersOf = (id: string) =>
  allOf((cursor) => ask<Page<UserCard>>("tweets.likers", { id, cursor, limit: 100 }));

test("what was acknowledged before a power cut is there after it, and counts are right", async () => {
  const people = await everybody(...NAMES);
  const ledger: Ledger = { tweets: new Set(), likes: [], messages: [] };
  const working = people.map(async (me, index) => {
    const client = await chat(me);
    client.socket.on("disconnect", () => client.close());
    const lost = new Promise<never>((_, reject) => client.socket.on("disconnect", reject));
    await Promise.race([work(me, people[(index + 1) % 4]!, { ledger, client }), lost]);
  });
  const ended = Promise.allSettled(working);
  await vi.waitFor(() => expect(Math.min(ledger.tweets.size, ledger.messages.length)).toBeGreaterThan(40), {
    timeout: 30_000,
    interval: 1,
  });
  await server.killAndRestart();
  closeClients();
  await ended;

  const stored: FeedItem[] = [];
  for (const { username } of people) {
    const own = await tweetsOf(username);
    const { data: user } = await ask<User>("users.get", { username });
    expect([username, user.counts.tweets]).toEqual([username, own.length]);
    stored.push(...own);
  }
  const byId = new Map(stored.map(({ tweet }) => [tweet.id, tweet]));
  expect([...ledger.tweets].filter((id) => !byId.has(id))).toEqual([]);

  const liked = new Map<string, string[]>();
  for (const { id, counts } of byId.values()) {
    liked.set(
      id,
      (await likersOf(id)).map((user) => user.id),
    );
    expect([id, counts.likes]).toEqual([id, liked.get(id)?.length]);
  }
  expect(ledger.likes.filter(({ tweetId, userId }) => !liked.get(tweetId)?.includes(userId))).toEqual([]);

  const kept = new Set<string>();
  for (const conversationId of new Set(ledger.messages.map((message) => message.conversationId))) {
    const { senderId } = ledger.messages.find((message) => message.conversationId === conversationId)!;
    const by = people.find(({ id }) => id === senderId)!;
    const { data } = await ask<Page<Message>>(
      "chat.messages",
      { conversationId, after: 0, limit: 100 },
      { by },
    );
    expect(data.items.map(({ number }) => number)).toEqual(data.items.map((_, index) => index + 1));
    for (const { id } of data.items) kept.add(id);
  }
  expect(ledger.messages.filter(({ id }) => !kept.has(id))).toEqual([]);
}, 90_000);
