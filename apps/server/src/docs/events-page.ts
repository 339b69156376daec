import { commentOn } from "./comments";
import type { Contract, Schema } from "./contract";

/** What the chat socket says and is told, as a page. */
export const eventsPage = ({ socketCalls, socketEvents, schemas }: Contract): string => {
  const calls = Object.entries(socketCalls).map(([name, { input, output, reasons }]) =>
    entry({
      name,
      text: commentOn(name),
      lines: [
        ["say", shown(input ?? {}, schemas)],
        ["ack", shown(output, schemas)],
        ["refused with", reasons.join(", ") || "nothing of its own"],
      ],
    }),
  );
  const events = Object.entries(socketEvents).map(([name, payload]) =>
    entry({ name, text: commentOn(`ServerToClient.${name}`), lines: [["told", shown(payload, schemas)]] }),
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Warble's chat socket</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/events.css">
<main><p><a href="/docs">Procedures</a> · <a href="/asyncapi.json">AsyncAPI</a></p>
<h1>The chat socket</h1>
<p>Socket.IO 4 at <code>/socket.io</code>, WebSocket only, namespace <code>/chat</code>, with
<code>auth: { token }</code> in the handshake. Each call is one object and an ack, answered with <code>{ ok: true, ... }</code> or
<code>{ ok: false, reason, message }</code>. What comes from the log carries <code>event</code>: keep the last one, and say it as
<code>lastEvent</code> beside the token when coming back.</p>
<h2>What a client says</h2>${calls.join("")}
<h2>What it is told</h2>${events.join("")}</main></html>
`;
};

interface Entry {
  name: string;
  text: string;
  lines: [label: string, value: string][];
}

const entry = ({ name, text, lines }: Entry): string =>
  `<section><h3 id="${name}"><code>${name}</code></h3><p>${marked(text)}</p><dl>${lines
    .map(([label, value]) => `<dt>${label}</dt><dd><code>${escaped(value)}</code></dd>`)
    .join("")}</dl></section>`;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "&quot;");

/** A comment, with what it quotes as code. */
const marked = (text: string): string => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");

interface Shape {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
}

/** A schema as TypeScript would write it; the first name is spelled out. */
function shown(schema: Schema, schemas: Record<string, Schema>): string {
  const name =
    String(schema.$ref ?? "")
      .split("/")
      .at(-1) ?? "";
  return written(schemas[name] ?? schema);
}

function written(schema: Schema): string {
  const { $ref, type, properties, required = [], items, anyOf, ...rest }: Shape = schema;
  if ($ref) return $ref.split("/").at(-1) ?? "";
  if (anyOf) return anyOf.map(written).join(" | ");
  if (rest.enum) return rest.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(rest.const);
  if (items) return `${written(items)}[]`;
  if (!properties) return type === "integer" ? "number" : [type ?? "unknown"].flat().join(" | ");
  const fields = Object.entries(properties).map(
    ([field, value]) => `${field}${required.includes(field) ? "" : "?"}: ${written(value)}`,
  );
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

/** Of that page. */
export const EVENTS_STYLE = `body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #1d2733; background: #fff; }
main { max-width: 48rem; margin: 0 auto; padding: 1rem 1.2rem 4rem; }
h3 { margin: 2rem 0 .2rem; } p { margin: .3rem 0; } a { color: #0b63c4; }
code { font: 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
h3 code { font-size: 17px; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .2rem .6rem; margin: .4rem 0; }
dt { color: #5b6b7a; } dd { margin: 0; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media (prefers-color-scheme: dark) {
  body { color: #e6ecf1; background: #15202b; } a { color: #8ec1f7; } dt { color: #9db0c0; }
}
`;
