import type { Message } from "@warble/contracts";
import mongoose from "mongoose";
import { callAs, contextOf } from "../../seed/caller";
import { sendMessage } from "../../src/features/chat/message-send.service";
import { newId, oid } from "../../src/platform/id";
import type { Caller, TestApp } from "../harness";
import { storeReport, storeStrike } from "./moderated";

/** What somebody has, by id, and the word that only they write. */
export interface Owner {
  name: string;
  id: string;
  word: string;
  tweet: string;
  /** Below everybody's tweet. */
  comment: string;
  /** Of others, below their tweet. */
  below: string;
  /** A tweet that they have deleted. */
  deleted: string;
  /** A comment that the author of the tweet has hidden. */
  withheld: string;
  /** A comment that answers somebody who has blocked them since. */
  across: string;
  /** What somebody else said who is named nowhere but by their retweet. */
  far: string;
  group: string;
  session: string;
  passkey: string;
  /** Of something that they wrote. */
  report: string;
  /** With everybody's friend, and nobody else in it. */
  conversation: string;
  message: string;
}

/** One cell's two people: who asks, and whose things are asked for. */
export interface Place {
  viewer: string | null;
  owner: Owner;
  /** Theirs. */
  conversation: string;
  /** The owner's in it. */
  message: string;
  /** Where the owner mentions the viewer. */
  mention: string;
  /** A tweet of everybody's friend. */
  common: string;
}

/** Who asks (nobody: null), whose things it is about. */
export const COLUMNS = {
  AN: [null, "olive"],
  UV: ["ulla", "olive"],
  U: ["ursa", "olive"],
  OW: ["olive", "olive"],
  "B<": ["shunned", "olive"],
  "B>": ["avoider", "olive"],
  MU: ["muter", "olive"],
  MR: ["muter_r", "olive"],
  MT: ["muter_t", "olive"],
  MW: ["muter_w", "olive"],
  F: ["fay", "paula"],
  NF: ["ned", "paula"],
  AD: ["ada", "olive"],
  MO: ["mona", "olive"],
  ">SU": ["ursa", "sue"],
  ">DA": ["ursa", "dora"],
  ">DE": ["ursa", "dell"],
  ">UV": ["ursa", "una"],
  "A>SU": ["ada", "sue"],
} as const satisfies Record<string, readonly [string | null, string]>;
export type Column = keyof typeof COLUMNS;

/** Nobody's friend: what they say last says that all has been said. */
export const LAST = "zoe";
/** Everybody's friend: the viewers follow them, and they retweeted what the owners wrote. */
export const FRIEND = "holly";
const RIVAL = "rival";
const FOLLOWERS: [string, string][] = [
  ["muter", "olive"],
  ["muter_r", "olive"],
  ["muter_t", "olive"],
  ["muter_w", "olive"],
  ["fay", "paula"],
];

const MISSING = "0".repeat(24);
/** What never was. */
export const NOBODY: Place = {
  viewer: null,
  owner: {
    name: "nobody_here",
    id: MISSING,
    word: "nothing",
    tweet: MISSING,
    comment: MISSING,
    below: MISSING,
    deleted: MISSING,
    withheld: MISSING,
    across: MISSING,
    far: "nothing",
    group: MISSING,
    session: MISSING,
    passkey: MISSING,
    report: MISSING,
    conversation: MISSING,
    message: MISSING,
  },
  conversation: MISSING,
  message: MISSING,
  mention: MISSING,
  common: MISSING,
};

/** A server with people in every relation, and what the owners among them wrote and did. */
export async function createWorld(app: TestApp): Promise<World> {
  const pairs = Object.values(COLUMNS).filter(([viewer, owner]) => viewer && viewer !== owner);
  const viewers = [...new Set(pairs.map(([viewer]) => viewer as string))];
  const as = (name: string) => app.as(name);
  const friend = await as(FRIEND);
  const common = (await friend.tweets.create({ content: "come in, everybody" })).id;
  for (const viewer of viewers) await (await as(viewer)).users.follow({ id: await app.id(FRIEND) });
  // Only of her it is asked whether one may follow.
  await (await as("ursa")).users.update({ protected: true });
  for (const [viewer, owner] of FOLLOWERS) await (await as(viewer)).users.follow({ id: await app.id(owner) });
  const owners = new Map<string, Owner>();
  for (const name of new Set(Object.values(COLUMNS).map(([, owner]) => owner))) {
    const theirs = pairs.filter(([, owner]) => owner === name).map(([viewer]) => viewer as string);
    owners.set(name, await fill(app, { name, common, viewers: theirs }));
  }
  await haveTrend(app, [...owners.values()]);
  const places = {} as Record<Column, Place>;
  for (const [column, [viewer, name]] of Object.entries(COLUMNS)) {
    const owner = owners.get(name)!;
    const said =
      viewer && viewer !== name
        ? await talk(app, viewer, owner)
        : { conversation: owner.conversation, message: owner.message };
    const mention = viewer ? await mentionOf(app, viewer, owner) : MISSING;
    places[column as Column] = { viewer, owner, common, mention, ...said };
  }
  await app.settled();
  await part(app, places);
  return places;
}
export type World = Record<Column, Place>;

/** Has an owner write and do everything that others might see. */
async function fill(
  app: TestApp,
  { name, common, viewers }: { name: string; common: string; viewers: string[] },
): Promise<Owner> {
  const [me, friend] = [await app.as(name), await app.as(FRIEND)];
  const [id, word, far] = [await app.id(name), `canary${name}`, `far${name}`];
  await me.users.update({ bio: word });
  const tweet = (await me.tweets.create({ content: `${word} #${word}tag` })).id;
  const comment = (await me.comments.create({ tweetId: common, content: `${word} below` })).id;
  const below = (await friend.comments.create({ tweetId: tweet, content: "well said" })).id;
  await me.tweets.like({ id: common });
  await me.tweets.retweet({ id: common });
  await friend.tweets.retweet({ id: tweet });
  await friend.tweets.like({ id: tweet });
  await friend.users.follow({ id });
  await me.users.follow({ id: await app.id(FRIEND) });
  await me.users.follow({ id: await app.id("ursa") });
  const distant = (await (await app.as(`z${name}`)).tweets.create({ content: far })).id;
  await me.tweets.retweet({ id: distant });
  const deleted = (await me.tweets.create({ content: `${word} deleted` })).id;
  await me.tweets.delete({ id: deleted });
  const withheld = (await me.comments.create({ tweetId: common, content: `${word} withheld` })).id;
  await friend.comments.hide({ id: withheld });
  const across = await answerRival(app, me, word);
  const group = await gather(app, name, viewers);
  const own = await mongoose.connection.collection("sessions").findOne({ userId: oid(id) });
  const passkey = await passkeyOf(id, word);
  const things = {
    passkey,
    tweet,
    comment,
    below,
    deleted,
    withheld,
    across,
    far,
    group,
    session: String(own?._id),
  };
  const owner = { ...NOBODY.owner, name, id, word, ...things };
  const report = await storeReport(owner, await app.id(FRIEND));
  for (const appealed of [false, true]) await storeStrike(owner, newId(), appealed);
  return { ...owner, report, ...(await talk(app, FRIEND, owner)) };
}

/** Has four others use a hashtag of each owner's: with the owner, as many as make a trend. */
async function haveTrend(app: TestApp, owners: Owner[]): Promise<void> {
  const tags = owners.map(({ word }) => `#trend${word}`);
  for (const { name, word } of owners)
    await (await app.as(name)).tweets.create({ content: `${word} #trend${word}` });
  for (const name of ["tina", "theo", "tess", "tom"])
    await (await app.as(name)).tweets.create({ content: tags.join(" ") });
}

async function passkeyOf(userId: string, name: string): Promise<string> {
  const _id = newId();
  const key = { credentialId: name, publicKey: "", counter: 0, transports: [], lastUsedAt: null };
  const passkey = { _id, userId: oid(userId), name, ...key, createdAt: new Date() };
  await mongoose.connection.collection("passkeys").insertOne(passkey);
  return String(_id);
}

const mentionOf = async (app: TestApp, viewer: string, owner: Owner): Promise<string> =>
  (await (await app.as(owner.name)).tweets.create({ content: `@${viewer} ${owner.word}` })).id;

async function answerRival(app: TestApp, me: Caller, word: string): Promise<string> {
  const { id: tweetId } = await (await app.as(RIVAL)).tweets.create({ content: "contradict me" });
  return (await me.comments.create({ tweetId, content: `${word} across` })).id;
}

interface Said {
  from: string;
  content: string;
  to?: string;
  conversationId?: string;
}

/** Has somebody write a message, whatever has become of them. */
export async function say(app: TestApp, { from, ...said }: Said): Promise<Message> {
  const known = { sessionId: "", role: "user", emailVerified: true } as const;
  const viewer = { id: await app.id(from), username: from, ...known };
  return sendMessage(contextOf(app.running.app, viewer), { clientId: String(newId()), ...said });
}

/** Has a viewer and an owner write to each other. */
async function talk(app: TestApp, viewer: string, { id, name, word }: Owner) {
  await say(app, { from: viewer, to: id, content: "how are you?" });
  const said = await say(app, { from: name, to: await app.id(viewer), content: `${word} speaking` });
  return { conversation: said.conversationId, message: said.id };
}

async function gather(app: TestApp, name: string, viewers: string[]): Promise<string> {
  const userIds = await Promise.all([FRIEND, ...viewers].map((each) => app.id(each)));
  const { id } = await (await app.as(name)).chat.createGroup({ title: "Birds", userIds });
  await say(app, { from: name, conversationId: id, content: `canary${name} to all` });
  return id;
}

/** Has what stands between people come between them. */
async function part(app: TestApp, places: Record<Column, Place>): Promise<void> {
  const olive = places.U.owner;
  const block = async (who: string, whom: string) =>
    (await app.as(who)).users.block({ id: await app.id(whom) });
  for (const { owner } of Object.values(places)) await block(RIVAL, owner.name);
  await block("olive", "shunned");
  await block("avoider", "olive");
  await (await app.as("muter")).users.mute({ id: olive.id });
  await (await app.as("muter_r")).users.mute({ id: olive.id, only: "retweets" });
  await (await app.as("muter_t")).tweets.muteThread({ id: olive.tweet });
  await (await app.as("muter_w")).users.muteWord({ word: olive.word });
  await (await app.as("paula")).users.update({ protected: true });
  await app.setRole("ada", "admin");
  await app.setRole("mona", "moderator");
  await app.change("sue", { suspension: { reason: "spam", until: null } });
  await app.change("dora", { deactivatedAt: new Date() });
  await app.change("dell", { deletedAt: new Date() });
  await app.change("una", { emailVerified: false });
  await app.change("ulla", { emailVerified: false });
  await app.settled();
}

/** The caller of an owner, whatever has become of them. */
export const callerOf = (app: TestApp, { id, name }: Owner): Caller =>
  callAs(app.running.app, { id, username: name, sessionId: "", role: "user", emailVerified: true });
