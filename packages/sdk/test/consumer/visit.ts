// What somebody writes who has installed the package: it is compiled there as a module of either kind, and run.
import { createWarble, isWarbleError, LIMITS, memoryStorage, type Tweet, type Warble } from "@warble/sdk";
import { createChat } from "@warble/sdk/chat";
import { warbleQueries } from "@warble/sdk/react";
import { type CreateTweet, Register } from "@warble/sdk/schemas";
import { type ParsedText, parseText, weightOf } from "@warble/sdk/text";

export interface Visit {
  url: string;
  password: string;
  names: [alice: string, bob: string];
}

/** Alice tweets of bob and writes to him: what he hears of it, and what goes wrong as it should. */
export async function visit({ url, password, names: [alice, bob] }: Visit): Promise<string[]> {
  const [hers, his] = [
    createWarble({ url, storage: memoryStorage() }),
    createWarble({ url, storage: memoryStorage() }),
  ];
  await hers.auth.login({ identifier: alice, password });
  const { id } = await his.auth.login({ identifier: bob, password });
  const chat = createChat({ url, storage: memoryStorage(await his.auth.tokens()) });
  try {
    const { lastEventId } = await his.api.notifications.unreadCount.query();
    const notifications = his.notifications.stream({ lastEventId });
    const messages = chat.messages();
    await chat.connect();
    const tweet: Tweet = await hers.api.tweets.create.mutate({ content: `Hello @${bob}` });
    await hers.chat.send({ to: id, content: "Hello in private" });
    const [told, message] = [await notifications.next(), await messages.next()];
    return [
      tweet.author.username === alice ? "tweeted" : "tweeted as somebody else",
      told.value ? told.value.notification.type : "no notification",
      message.value ? message.value.content : "no message",
      await hers.api.tweets.get.query({ id: "0".repeat(24) }).catch(reasonOf),
      warbleQueries(hers).tweets.get.queryOptions({ id }).queryKey.slice(0, 3).join(),
      Register.safeParse({ username: "a" }).success ? "registered" : "not to be registered",
      measured(parseText("#Hello")),
    ].map(String);
  } finally {
    chat.disconnect();
    hers.close();
    his.close();
  }
}

const reasonOf = (error: unknown) => (isWarbleError(error) ? error.reason : "an error of another kind");
const measured = ({ text, spans }: ParsedText) =>
  `${weightOf(text)} of ${LIMITS.postWeight}, ${spans.map(({ type }) => type).join()}`;

/** What the compiler has to refuse. */
export const refused = (warble: Warble) => [
  // @ts-expect-error: a tweet has content.
  () => warble.api.tweets.create.mutate({ contents: "Hello" }),
  // @ts-expect-error: there is no such procedure.
  () => warble.api.tweets.shout.mutate({ content: "Hello" }),
  // @ts-expect-error: a tweet is asked for by its id.
  () => warbleQueries(warble).tweets.get.queryOptions({ username: "alice" }),
  // @ts-expect-error: an id is text.
  () => warble.chat.send({ to: 7, content: "Hello" }),
  // @ts-expect-error: there is no such reason.
  (error: unknown) => isWarbleError(error, "TOO_LOUD"),
  // @ts-expect-error: nobody answers with a user's address.
  async () => (await warble.api.users.get.query({ username: "bob" })).email,
  (): CreateTweet => ({
    // @ts-expect-error: content is text.
    content: 7,
  }),
];
