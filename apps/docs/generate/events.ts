import { type Member, membersOfInterface } from "./declarations";
import { prose } from "./markdown";
import { linked } from "./procedures";

/** What an event carries, and what its acknowledgement does. */
function partsOf({ text }: Member): { input: string; answer: string } {
  const [, input = "", answer = ""] = /\(\w+: (.*?)(?:, ack: Answer<(.*)>)?\) => void;?$/.exec(text) ?? [];
  const bare = (type: string) => type.replace(/z\.input<typeof (\w+)>/g, "$1").replace(/; \}/g, " }");
  return { input: bare(input), answer: bare(answer) };
}

function sectionOf(member: Member): string {
  const { input, answer } = partsOf(member);
  const answers =
    answer && `, is answered \`{ ok: true }\`${answer === "object" ? "" : ` with ${linked(answer)}`}`;
  return [`### ${member.name}`, prose(member.doc), `Carries ${linked(input)}${answers}.`]
    .filter(Boolean)
    .join("\n\n");
}

/** A page on what is said on a chat socket. */
export function eventsPage(): string {
  const said = (name: string) => membersOfInterface(name).map(sectionOf).join("\n\n");
  return `---
outline: [2, 3]
---

# Socket events

On the namespace \`/chat\`, with \`auth: { token }\` in the handshake, and \`lastEvent\` to go on after it. A call that is refused is
answered \`{ ok: false, reason, message, retryAfter?, issues? }\`. How to connect is in [Sockets](../guide/sockets.md).

## What a client may say

${said("ClientToServer")}

## What the server says

What is \`Logged\` carries \`event\`, its number for this user: keep the last one to go on from.

${said("ServerToClient")}
`;
}
