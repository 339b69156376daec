import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { COMMON_REASONS, type ProcedureMeta, REASONS } from "@warble/contracts";
import { DEFAULT_POLICY, procedures } from "@warble/server/reference";
import type { z } from "zod";
import { membersOfValue, outputOf, writtenDoc } from "./declarations";
import { fieldsOf } from "./fields";
import { windowsOf } from "./limits";
import { code, prose } from "./markdown";
import { PATHS } from "./paths";

/** What tRPC keeps of a procedure. */
interface Definition {
  type: "query" | "mutation" | "subscription";
  inputs: z.ZodType[];
  meta?: ProcedureMeta;
}

function whoOf({ access = "anyone" }: ProcedureMeta): string {
  if (access === "anyone") return "anybody";
  if (access === "signedIn") return "whoever is signed in";
  return access === "verified" ? "whoever has verified their address" : `these roles: ${access.join(", ")}`;
}

/** Where the shapes are, by name; the SDK's first door before the others. */
function shapePages(): Map<string, string> {
  const files = readdirSync(join(PATHS.reference, "sdk"), { recursive: true, encoding: "utf8" });
  const shapes = files.filter((file) => /(interfaces|type-aliases)\/\w+\.md$/.test(file));
  const last = shapes.toSorted((a, b) => Number(a.startsWith("index/")) - Number(b.startsWith("index/")));
  return new Map(last.map((file) => [basename(file, ".md"), file]));
}

/** Names of shapes lead to their pages. */
export function linked(type: string): string {
  const pages = shapePages();
  const escaped = type
    .replace(/\$\d+/g, "")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("{", "&#123;");
  return escaped.replace(/\b[A-Z]\w+\b/g, (name) => {
    const page = pages.get(name);
    return page ? `[${name}](./sdk/${page})` : name;
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
      return sectionOf(`${router}.${name}`, definition, {
        doc: member.doc || writtenDoc(name),
        output: outputOf(member),
      });
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
\`/trpc/<router>.<name>\`. A field with \`?\` may be left out. Beside what is said here, any may fail with
${COMMON_REASONS.map(code).join(", ")}: what each means is [here](./reasons.md). All count in a [general window](./limits.md), besides their own.
`;

function sectionOf(
  path: string,
  definition: Definition,
  { doc, output }: { doc: string; output: string },
): string {
  const own = definition.meta?.limit;
  const windows = own ? windowsOf(DEFAULT_POLICY.limits[own]) : "";
  const [input] = definition.inputs;
  const unsaid = REASONS[path as keyof typeof REASONS].filter((reason) => !doc.includes(reason));
  return [
    `### ${path}`,
    prose(doc),
    `A ${definition.type} for ${whoOf(definition.meta ?? {})}${windows && `; ${windows}`}. Answers ${linked(output) || "nothing"}.`,
    unsaid.length > 0 ? `It may also fail with ${unsaid.map((reason) => code(reason)).join(", ")}.` : "",
    input ? fieldsOf(input) : "It takes nothing.",
  ]
    .filter(Boolean)
    .join("\n\n");
}
