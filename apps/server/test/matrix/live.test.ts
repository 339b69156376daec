import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ChatClient, closeClients, connect } from "../chat-client";
import { startTestApp } from "../harness";
import { closeStreams, type StreamClient, stream } from "../stream-client";
import { lastWord } from "./asking";
import { readTable } from "./table";
import { type Column, callerOf, createWorld, type Place, type World } from "./world";

const app = startTestApp({ logLevel: "silent" });

/** Who listens, in which relation to the owner who does something: see the table of calls. */
const LISTENERS = ["U", "B<", "B>", "MU", "MR", "MT", "MW", "F", "NF", "AD", "MO"] as const;
type Listener = (typeof LISTENERS)[number];

/**
 * What comes to a viewer live of what an owner does to them: `+` it comes, `-` nothing comes, and nothing of it is anywhere in
 * what came. A message of somebody who is muted comes, and no notification of it.
 */
const HEARD = readTable(
  `
                            U    B<   B>   MU   MR   MT   MW   F    NF   AD   MO
  mentions them             +    -    -    -    +    +    -    +    -    +    +
  answers them              +    -    -    -    +    +    -    +    -    +    +
  likes what they wrote     +    -    -    -    +    +    +    +    +    +    +
  retweets it               +    -    -    -    +    +    +    +    +    +    +
  follows them              +    -    -    -    +    +    +    +    +    +    +
  is told to have written   +    -    -    -    +    +    +    +    +    +    +
  writes a message          +    -    -    +    +    +    +    +    +    +    +
  types                     +    -    -    +    +    +    +    +    +    +    +
  has read                  +    -    -    +    +    +    +    +    +    +    +
  reacts to a message       +    -    -    +    +    +    +    +    +    +    +
  edits a message           +    -    -    +    +    +    +    +    +    +    +
`.replaceAll(/^ {2}(?=\S)/gm, ""),
  [...LISTENERS],
);

interface Ear {
  place: Place;
  socket: ChatClient;
  stream: StreamClient;
  /** What the viewer wrote, and said to the owner. */
  tweet: string;
  said: string;
}

const ears = {} as Record<Listener, Ear>;
let world: World;

const tokenOf = (name: string) => app.tokenFor(name);

/** Opens both channels of a viewer, who has written something. */
async function listen(place: Place): Promise<Ear> {
  const viewer = place.viewer ?? "";
  const { id } = await (await app.as(viewer)).tweets.create({ content: "what I wrote" });
  const history = await (await app.as(viewer)).chat.messages({ conversationId: place.conversation });
  const said = history.items.find(({ content }) => content === "how are you?")?.id ?? "";
  const [socket, feed] = [await connect(app, viewer), await stream(app, { token: await tokenOf(viewer) })];
  return { place, socket, stream: feed, tweet: id, said };
}

/** An owner does all there is to do to a viewer; some of it is refused. */
async function act({ place, tweet, said }: Ear, socket: ChatClient): Promise<void> {
  const { owner, viewer, conversation: conversationId, message } = place;
  const me = callerOf(app, owner);
  const content = `@${viewer} ${owner.word}`;
  const acts = [
    () => me.tweets.create({ content }),
    () => me.comments.create({ tweetId: tweet, content: owner.word }),
    () => me.tweets.like({ id: tweet }),
    () => me.tweets.retweet({ id: tweet }),
    async () => me.users.follow({ id: await app.id(viewer ?? "") }),
    () => socket.raw("chat:send", { clientId: randomUUID(), conversationId, content: owner.word }),
    () => socket.raw("chat:typing", { conversationId }),
    () => socket.raw("chat:read", { conversationId, number: 1 }),
    () => socket.raw("chat:react", { messageId: said, emoji: "\u{1F426}" }),
    () => socket.raw("chat:edit", { messageId: message, content: `${owner.word} again` }),
  ];
  for (const each of acts) await each().catch(() => undefined);
}

beforeAll(async () => {
  world = await createWorld(app);
  for (const column of LISTENERS) ears[column] = await listen(world[column as Column]);
  // Here what she writes is for all, so that it can be liked; and who has asked to follow her does by that.
  await (await app.as("ursa")).users.update({ protected: false });
  await app.settled();
  const voices = new Map<string, ChatClient>();
  for (const name of ["olive", "paula"]) voices.set(name, await connect(app, name));
  for (const ear of Object.values(ears)) await act(ear, voices.get(ear.place.owner.name)!);
  await app.settled();
  for (const { place, socket, stream } of Object.values(ears)) {
    const viewer = place.viewer ?? "";
    await lastWord(app, viewer, () => JSON.stringify(socket.heard));
    await lastWord(app, viewer, () => JSON.stringify(stream.received));
  }
}, 120_000);
afterAll(() => {
  closeClients();
  closeStreams();
});

/** How each thing shows in what has come. */
const SHOWS: Record<string, (ear: Ear) => boolean> = {
  "mentions them": (ear) => notified(ear, "mention"),
  "answers them": (ear) => notified(ear, "reply"),
  "likes what they wrote": (ear) => notified(ear, "like"),
  "retweets it": (ear) => notified(ear, "retweet"),
  "follows them": (ear) => notified(ear, "follow"),
  "is told to have written": (ear) => notified(ear, "message"),
  "writes a message": ({ socket, place }) =>
    socket.messages().some(({ message }) => message.content === place.owner.word),
  types: (ear) => heard(ear, "chat:typing", (data) => data.userId === ear.place.owner.id),
  "has read": (ear) => heard(ear, "chat:read", (data) => data.userId === ear.place.owner.id),
  "reacts to a message": (ear) =>
    heard(ear, "chat:updated", (data) => JSON.stringify(data).includes("\u{1F426}")),
  "edits a message": (ear) =>
    heard(ear, "chat:updated", (data) => JSON.stringify(data).includes(`${ear.place.owner.word} again`)),
};

const notified = ({ stream, place }: Ear, type: string): boolean =>
  stream.received.some(
    ({ notification }) => notification.type === type && notification.actor.id === place.owner.id,
  );

const heard = ({ socket }: Ear, event: string, is: (data: Record<string, unknown>) => boolean): boolean =>
  socket.heard.some(({ name, data }) => name === event && is(data));

test.each([...HEARD.keys()])("what comes live when an owner %s", (what) => {
  const found = LISTENERS.map((column) => [column, SHOWS[what]?.(ears[column]) ? "+" : "-"]);
  expect(Object.fromEntries(found)).toEqual(HEARD.get(what));
});

test("nothing of an owner crosses a block, live, in the log or by mail", async () => {
  for (const column of ["B<", "B>"] as const) {
    const { place, socket, stream } = ears[column];
    const mails = await fetch(`${app.running.url}/inbox/mails?to=${place.viewer}@example.com`);
    const all = JSON.stringify([socket.heard, stream.received, await mails.text()]);
    expect(all).not.toContain(place.owner.word);
    expect(all).not.toContain(place.owner.id);
  }
});
