// A chat in the terminal, with one person: chat.ts bob. What you type is sent; what comes is shown above.
import { createInterface } from "node:readline";
import { createWarble, isWarbleError, type Message } from "@warble/sdk";

const { WARBLE_URL = "http://localhost:4000", WARBLE_USER = "", WARBLE_PASSWORD = "" } = process.env;
const HISTORY = 10;
const [peerName = ""] = process.argv.slice(2);

const warble = createWarble({ url: WARBLE_URL });
const login = { identifier: WARBLE_USER, password: WARBLE_PASSWORD, device: "terminal" };
const me = await warble.auth.login(login).catch(giveUp);
const peer = await warble.api.users.get.query({ username: peerName }).catch(giveUp);
const { id: conversationId } = await warble.api.chat.start.mutate({ userId: peer.id });

const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });

function giveUp(error: unknown): never {
  console.error(isWarbleError(error) ? error.message : error);
  process.exit(1);
}

/** Shows a line above the one that is being typed. */
function show(line: string): void {
  process.stdout.write(`\r\x1b[K${line}\n`);
  terminal.prompt(true);
}

const time = (at: string): string =>
  new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
// Control characters of others do nothing to this terminal.
const plain = (text: string): string => text.replace(/\p{Cc}/gu, " ");

function showMessage({ senderId, content, createdAt, deleted }: Message): void {
  const name = senderId === me.id ? "you" : `@${peer.username}`;
  show(`${time(createdAt)} ${name}: ${deleted ? "(deleted)" : plain(content)}`);
}

/** Marks what has been shown as read. */
async function read({ senderId, number }: Message): Promise<void> {
  if (senderId !== me.id) await warble.chat.read(conversationId, number);
}

warble.chat.on("message", (message) => {
  if (message.conversationId !== conversationId) return;
  showMessage(message);
  read(message).catch(report);
});
warble.chat.on("read", ({ userId, number }) => {
  if (userId === peer.id) show(`(@${peer.username} has read up to ${number})`);
});
warble.chat.on("disconnected", () => show("(disconnected; what you write is sent later)"));
warble.chat.on("resumed", () => show("(connected again)"));
warble.chat.on("ended", (error) => {
  show(error.message);
  terminal.close();
});

function report(error: unknown): void {
  show(isWarbleError(error) ? `(${error.reason}: ${error.message})` : String(error));
}

let sending: Promise<unknown> = Promise.resolve();
terminal.on("line", (line) => {
  if (line.trim() === "/quit") return terminal.close();
  if (line.trim()) sending = warble.chat.send({ conversationId, content: line }).catch(report);
  terminal.prompt();
});
terminal.on("close", async () => {
  // What was typed last is still sent.
  await sending;
  warble.close();
  process.exit();
});

const { items } = await warble.chat.history({ conversationId, limit: HISTORY });
for (const message of items.reverse()) showMessage(message);
const newest = items.at(-1);
if (newest) await read(newest);
await warble.chat.connect();
show(`Chatting with @${peer.username} as @${me.username}; /quit leaves.`);
