// A bot that rolls dice for whoever mentions it: "@dicebot 2d6". What it has answered it keeps in a file, so that it goes
// on where it was after a restart, and answers what came meanwhile.
import { randomInt } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import {
  createWarble,
  isWarbleError,
  type Notification,
  type SessionStorage,
  type Tokens,
} from "@warble/sdk";

const { WARBLE_URL = "http://localhost:4000", WARBLE_USER = "", WARBLE_PASSWORD = "" } = process.env;
const FILE = process.env.BOT_FILE ?? "bot.json";
const DICE = /\b(\d{1,2})d(\d{1,3})\b/i;

interface Kept {
  tokens: Tokens | null;
  /** The last event that was answered. */
  lastEventId?: string;
}

const kept: Kept = JSON.parse(await readFile(FILE, "utf8").catch(() => '{"tokens":null}'));

/** Keeps more: in one step, so that a crash leaves the old file or the new one. */
async function keep(change: Partial<Kept>): Promise<void> {
  Object.assign(kept, change);
  await writeFile(`${FILE}.new`, JSON.stringify(kept), { mode: 0o600 });
  await rename(`${FILE}.new`, FILE);
}

const storage: SessionStorage = { load: () => kept.tokens, save: (tokens) => keep({ tokens }) };
const warble = createWarble({ url: WARBLE_URL, storage });

function answerTo(content: string): string {
  const [, count = "0", sides = "0"] = DICE.exec(content) ?? [];
  if (Number(count) < 1 || Number(sides) < 2) return "Mention me with dice, such as 2d6.";
  const rolls = Array.from({ length: Number(count) }, () => randomInt(1, Number(sides) + 1));
  return `${rolls.join(" + ")} = ${rolls.reduce((sum, roll) => sum + roll, 0)}`;
}

/** Answers a mention in a tweet or in a comment, under it. */
async function answer({ id, type, tweetId, commentId }: Notification): Promise<void> {
  if (type !== "mention" || !tweetId) return;
  const said = commentId
    ? await warble.api.comments.get.query({ id: commentId })
    : await warble.api.tweets.get.query({ id: tweetId });
  const under = commentId ? { tweetId, parentId: commentId } : { tweetId };
  const roll = { ...under, content: answerTo(said.content) };
  const { content } = await warble.api.comments.create.mutate(roll, { context: { idempotencyKey: id } });
  console.log(`@${said.author.username}: ${said.content} -> ${content}`);
}

/** Answers patiently: who is told to wait waits, and what has been deleted meanwhile needs no answer. */
async function answerPatiently(notification: Notification): Promise<void> {
  try {
    await answer(notification);
  } catch (error) {
    if (isWarbleError(error, "TWEET_NOT_FOUND") || isWarbleError(error, "COMMENT_NOT_FOUND")) return;
    if (!isWarbleError(error, "RATE_LIMITED")) throw error;
    await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? 1) * 1000));
    await answerPatiently(notification);
  }
}

if (!(await warble.auth.me())) {
  await warble.auth.login({ identifier: WARBLE_USER, password: WARBLE_PASSWORD, device: "dice bot" });
}
if (!kept.lastEventId) {
  await keep({ lastEventId: (await warble.api.notifications.unreadCount.query()).lastEventId });
}
console.log(`Rolling dice as @${(await warble.auth.me())?.username}`);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => warble.close());

for await (const { id, notification } of warble.notifications.stream({
  lastEventId: kept.lastEventId ?? "0",
})) {
  await answerPatiently(notification);
  await keep({ lastEventId: id });
}
