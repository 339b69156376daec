import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LimitName } from "@warble/contracts";
import { anyone, DEFAULT_POLICY, procedures, signedIn, verified } from "@warble/server/reference";
import type { z } from "zod";
import { membersOfValue, outputOf } from "./declarations";
import { fieldsOf } from "./fields";
import { windowsOf } from "./limits";
import { prose } from "./markdown";
import { PATHS } from "./paths";

/** What tRPC keeps of a procedure. */
interface Definition {
  type: "query" | "mutation" | "subscription";
  inputs: z.ZodType[];
  meta?: { limit?: LimitName };
  middlewares: unknown[];
}

type Named = { _def: { middlewares: unknown[] } };
const passes = ({ middlewares }: Definition, base: unknown): boolean =>
  middlewares.includes((base as Named)._def.middlewares.at(-1));

function whoOf(definition: Definition): string {
  if (!passes(definition, anyone)) throw new Error("a procedure is built on none of the bases");
  if (passes(definition, verified)) return "whoever has verified their address";
  return passes(definition, signedIn) ? "whoever is signed in" : "anybody";
}

/** Names of shapes lead to their pages. */
export function linked(type: string): string {
  const page = (name: string) =>
    ["interfaces", "type-aliases"].find((kind) =>
      existsSync(join(PATHS.reference, `sdk/${kind}/${name}.md`)),
    );
  const escaped = type
    .replace(/\$\d+/g, "")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("{", "&#123;");
  return escaped.replace(/\b[A-Z]\w+\b/g, (name) => {
    const kind = page(name);
    return kind ? `[${name}](./sdk/${kind}/${name}.md)` : name;
  });
}

/** A page on all that clients can call. */
export function proceduresPage(): string {
  const sections = Object.entries(procedures).map(([router, record]) => {
    const members = membersOfValue(router);
    const parts = Object.entries(record).map(([name, procedure]) => {
      const member = members.find((one) => one.name === name);
      if (!member) throw new Error(`the SDK does not declare ${router}.${name}`);
      const definition = (procedure as { _def: Definition })._def;
      return sectionOf(`${router}.${name}`, definition, { doc: member.doc, output: outputOf(member) });
    });
    return [`## ${router}`, ...parts].join("\n\n");
  });
  return `${HEAD}\n${sections.join("\n\n")}\n`;
}

const HEAD = `---
outline: [2, 3]
---

# Procedures

What clients can call: \`warble.api.<router>.<name>\`, with \`.query\`, \`.mutate\` or \`.subscribe\`; over HTTP
\`/trpc/<router>.<name>\`. A field with \`?\` may be left out. Beside what is said here, each may fail with \`BAD_INPUT\`,
\`RATE_LIMITED\`, \`UNAVAILABLE\` and \`INTERNAL\`, and where somebody has to be signed in with \`NOT_SIGNED_IN\`: what
each reason means is [here](./reasons.md). All count in a [general window](./limits.md), besides their own.
`;

function sectionOf(
  path: string,
  definition: Definition,
  { doc, output }: { doc: string; output: string },
): string {
  const own = definition.meta?.limit;
  const windows = own ? windowsOf(DEFAULT_POLICY.limits[own]) : "";
  const [input] = definition.inputs;
  return [
    `### ${path}`,
    prose(doc),
    `A ${definition.type} for ${whoOf(definition)}${windows && `; ${windows}`}. Answers ${linked(output) || "nothing"}.`,
    input ? fieldsOf(input) : "It takes nothing.",
  ].join("\n\n");
}
