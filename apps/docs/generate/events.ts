import { REASONS } from "@warble/contracts";
import { CHAT_CALLS } from "@warble/contracts/socket";
import { type Member, membersOfInterface } from "./declarations";
import { fieldsOf } from "./fields";
import { code, prose } from "./markdown";
import { linked } from "./procedures";

/** What an event carries, and what its acknowledgement does. */
function partsOf({ text }: Member): { input: string; answer: string } {
  const [, input = "", answer = ""] = /\(\w+: (.*?)(?:, ack: Answer<(.*)>)?\) => void;?$/.exec(text) ?? [];
  const bare = (type: string) => type.replace(/z\.input<typeof (\w+)>/g, "$1").replace(/; \}/g, " }");
  return { input: bare(input), answer: bare(answer) };
}

function callSection(member: Member): string {
  const { answer } = partsOf(member);
  const name = member.name as keyof typeof CHAT_CALLS;
  const reasons = REASONS[name].map((reason) => code(reason)).join(", ");
  const answers = `Is answered \`{ ok: true }\`${answer === "object" ? "" : ` with ${linked(answer)}`}.`;
  const fails = reasons && ` Fails with ${reasons}.`;
  return [`### ${name}`, prose(member.doc), answers + fails, fieldsOf(CHAT_CALLS[name].input)]
    .filter(Boolean)
    .join("\n\n");
}

const eventSection = (member: Member): string =>
  [`### ${member.name}`, prose(member.doc), `Carries ${linked(partsOf(member).input)}.`]
    .filter(Boolean)
    .join("\n\n");

/** A page on what is said on a chat socket. */
export function eventsPage(): string {
  const calls = membersOfInterface("ClientToServer").map(callSection);
  const events = membersOfInterface("ServerToClient").map(eventSection);
  return `---
outline: [2, 3]
---

# Socket events

On the namespace \`/chat\`, with \`auth: { token }\` in the handshake, and \`lastEvent\` to go on after it. A call that is refused is
answered \`{ ok: false, reason, message, retryAfter?, issues? }\`. How to connect is in [Sockets](../guide/sockets.md).

## What a client may say

${calls.join("\n\n")}

## What the server says

What is \`Logged\` carries \`event\`, its number for this user: keep the last one to go on from.

${events.join("\n\n")}
`;
}
