import * as contracts from "@warble/contracts";
import {
  type Access,
  type ErrorReason,
  type LimitName,
  type ProcedureMeta,
  REASONS,
  type ReasonTable,
} from "@warble/contracts";
import { CHAT_CALLS, CHAT_EVENTS } from "@warble/contracts/socket";
import { z } from "zod";
import type { Answer } from "../platform/trpc";

/** A JSON Schema (2020-12); what it refers to stands in `schemas`. */
export type Schema = { [key: string]: unknown };

/** What a client sends, gets and is refused with. */
export interface CallContract {
  /** Null when nothing is asked for. */
  input: Schema | null;
  /** Whether the input may be left out as a whole. */
  optional: boolean;
  output: Schema;
  reasons: readonly ErrorReason[];
}

export interface ProcedureContract extends CallContract {
  type: "query" | "mutation" | "subscription";
  access: Access;
  limit: LimitName | null;
}

/** All that clients rely on, in one form: both documents are written from it, and changes are found in it. */
export interface Contract {
  procedures: Record<string, ProcedureContract>;
  socketCalls: Record<string, CallContract>;
  /** What the server says on the chat socket. */
  socketEvents: Record<string, Schema>;
  schemas: Record<string, Schema>;
}

interface Definition {
  type: ProcedureContract["type"];
  inputs: z.ZodType[];
  output?: Answer<unknown>;
  meta?: ProcedureMeta;
}

/** Of a router: `appRouter._def.procedures`. */
export type Procedures = Record<string, { _def: Definition }>;

const REF = "#/components/schemas/";

/** What the server promises to its clients. */
export function contractOf(procedures: Procedures): Contract {
  const definitions = Object.entries(procedures).map(([path, { _def }]) => [path, _def] as const);
  const calls = Object.entries(CHAT_CALLS);
  const names = namesOf(definitions.flatMap(([, { output }]) => output?.schema ?? []));
  const inputs = convert(names, "input", [
    ...definitions.flatMap(
      ([
        path,
        {
          inputs: [input],
        },
      ]) => (input ? [[path, input] as const] : []),
    ),
    ...calls.map(([name, { input }]) => [name, input] as const),
  ]);
  const outputs = convert(names, "output", [
    ...definitions.map(([path, definition]) => [path, outputOf(definition)] as const),
    ...calls.map(([name, { answer }]) => [name, answer] as const),
    ...Object.entries(CHAT_EVENTS).map(([name, event]) => [`event ${name}`, event] as const),
    ["refusal", contracts.ErrorShape],
  ]);
  const call = (name: string): CallContract => ({
    input: inputs.of[name] ?? null,
    optional: !inputs.required.includes(name),
    output: outputs.of[name] ?? {},
    reasons: (REASONS as ReasonTable)[name] ?? [],
  });
  return {
    procedures: Object.fromEntries(
      definitions.map(([path, { type, meta = {} }]) => [
        path,
        { type, access: meta.access ?? "anyone", limit: meta.limit ?? null, ...call(path) },
      ]),
    ),
    socketCalls: Object.fromEntries(calls.map(([name]) => [name, call(name)])),
    socketEvents: Object.fromEntries(
      Object.keys(CHAT_EVENTS).map((name) => [name, outputs.of[`event ${name}`] ?? {}]),
    ),
    schemas: merged(inputs.named, outputs.named),
  };
}

const outputOf = ({ output, meta }: Definition): z.ZodType => output?.schema ?? meta?.sends ?? z.unknown();

/** Names of schemas: those that they are exported by, and for a page of something named, that name and `Page`. */
function namesOf(outputs: z.ZodType[]): z.core.$ZodRegistry<{ id: string }> {
  const names = z.registry<{ id: string }>();
  for (const [id, value] of Object.entries(contracts)) {
    if (value instanceof z.ZodType && !names.has(value)) names.add(value, { id });
  }
  const pages = new Map<string, z.ZodType>();
  for (const page of outputs) {
    const { items } = page instanceof z.ZodObject ? page.shape : {};
    const item = items instanceof z.ZodArray ? names.get(items.element as z.ZodType) : undefined;
    // Each list makes a page's schema anew: the first one has the name, and stands for the others.
    if (item && !pages.has(item.id)) pages.set(item.id, page);
  }
  for (const [id, page] of pages) names.add(page, { id: `${id}Page` });
  return names;
}

interface Converted {
  of: Record<string, Schema>;
  named: Record<string, Schema>;
  required: string[];
}

/** JSON Schemas of all these at once, so that what has a name is told once. */
function convert(
  names: z.core.$ZodRegistry<{ id: string }>,
  io: "input" | "output",
  schemas: (readonly [name: string, schema: z.ZodType])[],
): Converted {
  const whole = z.toJSONSchema(z.object(Object.fromEntries(schemas)), {
    metadata: names,
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // What the contracts say beside a schema, such as that a length is counted in code points.
      Object.assign(jsonSchema, z.globalRegistry.get(zodSchema));
      // Answers get new fields: a client that refuses those would be broken by them.
      if (io === "output") delete jsonSchema.additionalProperties;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const text = JSON.stringify(whole).replaceAll('"#/$defs/', `"${REF}`);
  const { properties = {}, $defs = {}, required = [] } = JSON.parse(text);
  return { of: properties, named: $defs, required };
}

/** Of a name that stands for one thing in inputs and for another in answers there would be two. */
function merged(inputs: Record<string, Schema>, outputs: Record<string, Schema>): Record<string, Schema> {
  const all = { ...inputs, ...outputs };
  for (const name of Object.keys(inputs)) {
    if (JSON.stringify(all[name]) !== JSON.stringify(inputs[name]))
      throw new Error(`${name} is not the same in inputs as in answers: give one of them another name`);
  }
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
