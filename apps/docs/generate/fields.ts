import * as contracts from "@warble/contracts";
import { z } from "zod";
import { fieldDocs } from "./declarations";
import { code, prose, table } from "./markdown";

type Json = z.core.JSONSchema.JSONSchema;

const jsonOf = (schema: z.ZodType): Json => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });

/** The fields of an input, as a table; of alternatives, one table each. */
export function fieldsOf(schema: z.ZodType): string {
  const inner = unwrapped(schema);
  const [name = ""] = Object.entries(contracts).find(([, value]) => value === inner) ?? [];
  const docs = fieldDocs(name);
  const alternatives = inner instanceof z.ZodUnion ? (inner.options as z.ZodType[]) : [inner];
  return alternatives.map((one) => (one instanceof z.ZodObject ? tableOf(one, docs) : "")).join("\nor\n\n");
}

const unwrapped = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema;

function tableOf(schema: z.ZodObject, docs: Map<string, string>): string {
  const required = jsonOf(schema).required ?? [];
  const rows = Object.entries(schema.shape).map(([name, field]) => {
    const optional = required.includes(name) ? "" : "?";
    return [code(`${name}${optional}`), typeOf(field as z.ZodType), prose(docs.get(name) ?? "")];
  });
  return table(["field", "type", ""], rows);
}

function typeOf(field: z.ZodType): string {
  const json = jsonOf(field);
  const most = json.maxItems === undefined ? "" : `at most ${json.maxItems}`;
  const initial =
    json.default === undefined || json.default === "" ? "" : `by default ${JSON.stringify(json.default)}`;
  return [nameOf(json), rangeOf(json), ...rulesOf(field, json), most, initial].filter(Boolean).join(", ");
}

function nameOf(json: Json): string {
  if (json.enum) return json.enum.map((value) => code(JSON.stringify(value))).join(" ");
  if (json.const !== undefined) return code(JSON.stringify(json.const));
  if (json.anyOf) return json.anyOf.map((one) => nameOf(one as Json)).join(" or ");
  if (json.type === "array") return `list of ${nameOf((json.items ?? {}) as Json)}`;
  return json.format ?? (json.pattern === "^[0-9a-f]{24}$" ? "id" : String(json.type ?? "text"));
}

function rangeOf({ minimum, maximum }: Json): string {
  const isBound = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return isBound ? `${minimum ?? 0} to ${maximum}` : "";
}

/** What a text has to be beyond its type, in the words of its refusals. */
function rulesOf(field: z.ZodType, { type, enum: values, maxLength = 0 }: Json): string[] {
  if (type !== "string" || values) return [];
  const refused = ["", "!", "a".repeat(maxLength)].flatMap(
    (text) => field.safeParse(text).error?.issues ?? [],
  );
  const rules = refused.map(({ message }) => /^must be (.*)/.exec(message)?.[1] ?? "");
  const own = [...new Set(rules)].filter((rule) => rule && !rule.startsWith("24 "));
  return own.some((rule) => rule.includes("most")) || maxLength === 0
    ? own
    : [...own, `at most ${maxLength} characters`];
}
