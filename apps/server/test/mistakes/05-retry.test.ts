import type { Message, Page, Tweet, TweetState, User } from "@warble/contracts";
import { expect, test } from "vitest";
import { startChild } from "./child";
import { atOnce, type Person, visit } from "./client";

const server = startChild();
const { call, ask, everybody, chat } = visit(server);

const IDS = ["a", "b", "c", "d", "e", "f"];
const upTo = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.random() * ms));

/** Says each thing without waiting for an answer, then loses the connection at some moment. */
async function sayAndLose(me: Person, to: string, lose: () => Promise<unknown>): Promise<void> {
  const client = await chat(me);
  for (const clientId of IDS) client.socket.emit("chat:send", said(clientId, to), () => undefined);
  await upTo(60);
  client.close();
  await lose();
}

const said = (clientId: string, to: string) => ({ clientId, to, content: `message ${clientId}` });

/** Says it all again, twice, as a client does that has heard nothing. */
async function sayAgain(me: Person, to: string): Promise<Message[]> {
  const client = await chat(me);
  for (const clientId of IDS) await insist(() => client.say("chat:send", said(clientId, to)));
  const answers: Message[] = [];
  for (const clientId of IDS) answers.push((await client.say("chat:send", said(clientId, to))).message);
  client.close();
  return answers;
}

/** Says it until the server can do it: what a killed one had begun holds its records for a few seconds. */
async function insist(say: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await say();
      return;
    } catch (error) {
      if ((error as { reason?: string }).reason !== "UNAVAILABLE" || Date.now() > deadline) throw error;
    }
  }
}

const storedOf = async (by: Person, [first]: Message[]): Promise<Message[]> => {
  const input = { conversationId: first!.conversationId, after: 0, limit: 100 };
  return (await ask<Page<Message>>("chat.messages", input, { by })).data.items;
};

test.each([
  ["its answer was lost", "alice", async (): Promise<void> => undefined],
  ["the server was killed", "carol", (): Promise<void> => server.killAndRestart()],
] as const)(
  "a message that is said again because %s is one message",
  async (_why, name, lose) => {
    const [me, friend] = (await everybody(name, `${name}_friend`)) as [Person, Person];
    await sayAndLose(me, friend.id, lose);
    const answers = await sayAgain(me, friend.id);
    const stored = await storedOf(me, answers);
    expect(stored.map(({ clientId }) => clientId).sort()).toEqual(IDS);
    expect(stored.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(answers.map(({ id }) => id).sort()).toEqual(stored.map(({ id }) => id).sort());
  },
  120_000,
);

test("a like, a retweet and a follow that are said again change nothing", async () => {
  const [bob, erin] = (await everybody("bob", "erin")) as [Person, Person];
  const { data: tweet } = await call<Tweet>("tweets.create", { content: "again" }, { by: erin });
  const acts: [path: string, id: string][] = [
    ["tweets.like", tweet.id],
    ["tweets.retweet", tweet.id],
    ["users.follow", erin.id],
  ];
  for (const [path, id] of acts) {
    await atOnce(6, async () => {
      const impatient = new AbortController();
      const answer = call(path, { id }, { by: bob, signal: impatient.signal });
      await upTo(30);
      impatient.abort();
      await answer.catch(() => undefined);
    });
    expect((await call(path, { id }, { by: bob })).status).toBe(200);
  }
  const { data: state } = await call<TweetState>("tweets.like", { id: tweet.id }, { by: bob });
  expect(state.counts).toMatchObject({ likes: 1, retweets: 1 });
  const { data: user } = await ask<User>("users.get", { username: "erin" });
  expect(user.counts.followers).toBe(1);
}, 60_000);
