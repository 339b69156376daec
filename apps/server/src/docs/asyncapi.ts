import { COMMON_REASONS, type ErrorReason } from "@warble/contracts";
import { commentOn } from "./comments";
import type { CallContract, Contract, Schema } from "./contract";
import { described } from "./described";

const STREAM = "notifications.stream";

interface Said {
  messages: Record<string, Schema>;
  operations: Record<string, Schema>;
}

/** The chat socket and the stream of notifications as AsyncAPI 3, from the server's side: it receives calls and sends events. */
export function asyncApiOf(contract: Contract): Schema {
  const said: Said = { messages: {}, operations: {} };
  for (const [name, call] of Object.entries(contract.socketCalls)) addCall(said, name, call);
  for (const [name, payload] of Object.entries(contract.socketEvents)) addEvent(said, name, payload);
  const { messages, operations } = said;
  const payload = contract.procedures[STREAM]?.output ?? {};
  return {
    asyncapi: "3.0.0",
    info: { title: "Warble, live", version: "1", description: INTRODUCTION, license: { name: "MIT" } },
    defaultContentType: "application/json",
    channels: {
      chat: {
        address: "/chat",
        title: "The chat socket",
        description: CHAT,
        messages: Object.fromEntries(Object.keys(messages).map((id) => [id, ref("components/messages", id)])),
      },
      notifications: {
        address: `/trpc/${STREAM}`,
        title: "The stream of notifications",
        description: NOTIFICATIONS,
        messages: { notification: ref("components/messages", "notification") },
      },
    },
    operations: {
      ...operations,
      send_notification: {
        action: "send",
        summary: commentOn(STREAM),
        channel: ref("channels", "notifications"),
        messages: [of("notifications", "notification")],
      },
    },
    components: {
      messages: {
        ...messages,
        notification: { name: "message", summary: commentOn("StreamEvent"), payload },
      },
      schemas: { ...described(contract.schemas), Refused: REFUSED },
    },
  };
}

function addCall(
  { messages, operations }: Said,
  name: string,
  { input, output, reasons }: CallContract,
): void {
  const [id, answer] = [idOf(name), `${idOf(name)}Answer`];
  messages[id] = { name, summary: commentOn(name), payload: input };
  messages[answer] = {
    name: `${name} ack`,
    summary: `The ack of ${name}.`,
    payload: { oneOf: [{ allOf: [OK, output] }, refusedFor(reasons)] },
  };
  operations[`receive_${id}`] = {
    action: "receive",
    summary: commentOn(name),
    channel: ref("channels", "chat"),
    messages: [of("chat", id)],
    reply: { channel: ref("channels", "chat"), messages: [of("chat", answer)] },
  };
}

function addEvent({ messages, operations }: Said, name: string, payload: Schema): void {
  const id = `${idOf(name)}Event`;
  const summary = commentOn(`ServerToClient.${name}`);
  messages[id] = { name, summary, payload };
  operations[`send_${id}`] = {
    action: "send",
    summary,
    channel: ref("channels", "chat"),
    messages: [of("chat", id)],
  };
}

const idOf = (name: string): string => name.replace("chat:", "");
const ref = (place: string, name: string): Schema => ({ $ref: `#/${place}/${name}` });
const of = (channel: string, message: string) => ref(`channels/${channel}/messages`, message);

const OK: Schema = { type: "object", properties: { ok: { const: true } }, required: ["ok"] };

const REFUSED: Schema = {
  type: "object",
  description: commentOn("Refused"),
  properties: {
    ok: { const: false },
    reason: ref("components/schemas", "ErrorReason"),
    message: { type: "string" },
    retryAfter: { type: "integer", description: commentOn("Refused.retryAfter") },
    issues: {
      type: "array",
      items: ref("components/schemas", "InputIssue"),
      description: commentOn("Refused.issues"),
    },
  },
  required: ["ok", "reason", "message"],
};

const refusedFor = (reasons: readonly ErrorReason[]): Schema => ({
  allOf: [
    ref("components/schemas", "Refused"),
    { properties: { reason: { enum: [...COMMON_REASONS, ...reasons] } } },
  ],
});

const INTRODUCTION = `
What a server says by itself: the chat socket, and the stream of notifications. Procedures are in
[/openapi.json](/openapi.json). Clients in TypeScript use \`@warble/sdk\`, which comes back, resumes and passes over what it
has seen by itself.
`.trim();

const CHAT = `
Socket.IO 4 at \`/socket.io\`, WebSocket only, namespace \`/chat\`, with \`auth: { token }\` (an access token) in the handshake,
and \`lastEvent\` beside it when coming back. Each call is one object and an ack, which is answered with \`{ ok: true, ... }\`
or \`{ ok: false, reason, message }\`. Events that come from the log carry \`event\`, a number that grows: keep the last one.
`.trim();

const NOTIFICATIONS = `
Server-sent events of a GET with \`authorization: Bearer ...\`. Each message's data is a notification or a change of a
relationship, its id the number to go on from: \`last-event-id\`, or \`lastEventId\` in the input. A refusal comes as the
event \`serialized-error\`; \`ping\` says that the connection lives, \`return\` that the stream has ended.
`.trim();
