import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestApp } from "../test/harness";
import { expectRefusal } from "../test/wire";
import { appRouter } from "./app";

// Whatever procedures there are: a new one is tried by being there.
const app = startTestApp({ logLevel: "silent" });

interface Schema {
  type?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  format?: string;
  minimum?: number;
  minItems?: number;
}

interface Definition {
  type: "query" | "mutation" | "subscription";
  inputs: z.ZodType[];
}

type Path = (string | number)[];

const definitions = Object.entries(appRouter._def.procedures as object).map(
  ([name, procedure]) => [name, (procedure as { _def: Definition })._def] as const,
);
const withInput = definitions.filter(([, { inputs }]) => inputs.length > 0);

const SAMPLES: [RegExp, string][] = [
  [/0-9a-f/, "01a20adb55f80000dee331a3"],
  [/A-Za-z0-9_/, "alice"],
  [/./, "123456"],
];
const FORMATS: Record<string, string> = {
  email: "alice@example.com",
  uri: "https://example.com",
  uuid: "7b0f3c58-1c4f-4d27-9a0e-1f6f2f6f0c11",
  "date-time": "2026-01-01T00:00:00.000Z",
};

/** Something that the schema takes, or nearly. */
function sample(schema: Schema): unknown {
  if (schema.anyOf) return sample(schema.anyOf[0] ?? {});
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.type === "object") {
    const required = Object.entries(schema.properties ?? {}).filter(([key]) =>
      schema.required?.includes(key),
    );
    return Object.fromEntries(required.map(([key, value]) => [key, sample(value)]));
  }
  if (schema.type === "array")
    return Array(Math.max(1, schema.minItems ?? 1)).fill(sample(schema.items ?? {}));
  if (schema.type === "string") {
    const { format = "", pattern = "" } = schema;
    return FORMATS[format] ?? SAMPLES.find(([shape]) => shape.test(pattern))?.[1] ?? "warble warble";
  }
  return schema.type === "boolean" ? true : Math.max(1, schema.minimum ?? 1);
}

/** Every place in an input: where, what may stand there, and a whole input that has it. */
function placesIn(schema: Schema, path: Path = []): { path: Path; allowed: Schema[] }[] {
  const allowed = schema.anyOf ?? [schema];
  const inner = allowed.flatMap(({ properties = {}, items }) => [
    ...Object.entries(properties).flatMap(([key, value]) => placesIn(value, [...path, key])),
    ...(items ? placesIn(items, [...path, 0]) : []),
  ]);
  return [{ path, allowed }, ...inner];
}

/** The input with something else at one place. */
function put(whole: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === "number") return [put((whole as unknown[] | undefined)?.[0], rest, value)];
  const object = (whole ?? {}) as Record<string, unknown>;
  return { ...object, [key]: put(object[key], rest, value) };
}

const EVIL: [kind: string, value: unknown][] = [
  ["object", { $gt: "" }],
  ["object", { $ne: null }],
  ["object", { $where: "sleep(5000)" }],
  ["object", JSON.parse('{"__proto__":{"role":"admin"}}')],
  ["array", [{ $gt: "" }]],
  ["array", [[]]],
  ["null", null],
  ["boolean", true],
  ["number", 1e308],
  ["number", -1],
  ["string", "x\u0000y"],
  ["string", "x\ud800y"],
  ["string", "x".repeat(9_000)],
];

const isTaken = (kind: string, value: unknown, allowed: Schema[]): boolean =>
  allowed.some(({ type }) => {
    if (type === undefined) return false;
    if (type === "string" || type === "integer" || type === "number") return false;
    return type === kind && !(typeof value === "string");
  });

let token: string;
beforeAll(async () => {
  await app.id("alice");
  await app.setRole("alice", "admin");
  token = await app.tokenFor("alice");
});

async function send(name: string, type: Definition["type"], input: unknown) {
  const text = JSON.stringify(input);
  const url = `${app.running.url}/trpc/${name}`;
  const headers = { authorization: `Bearer ${token}` };
  const response =
    type === "mutation"
      ? await fetch(url, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: text,
        })
      : await fetch(`${url}?input=${encodeURIComponent(text)}`, { headers });
  const body = type === "subscription" ? await firstError(response) : await response.text();
  return { status: response.status, body, requestId: response.headers.get("x-request-id") };
}

/** A stream tells its refusal as its first event. */
async function firstError(response: Response): Promise<string> {
  const reader = response.body!.getReader();
  let text = "";
  while (!/event: serialized-error\ndata: .*\n/.test(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  await reader.cancel();
  return JSON.stringify({ error: JSON.parse(/data: (\{"code.*|\{"message.*)\n/.exec(text)?.[1] ?? "null") });
}

type Issues = { path: Path }[];

/** Sends an input that must be refused, and answers where the refusal says that it is wrong. */
async function issuesOf(name: string, type: Definition["type"], input: unknown): Promise<Path[]> {
  const { status, body, requestId } = await send(name, type, input);
  const shown = JSON.stringify(input).slice(0, 200);
  const { error } = JSON.parse(body);
  expect([name, shown, error?.data.reason]).toEqual([name, shown, "BAD_INPUT"]);
  if (type !== "subscription") expectRefusal(body, { status, requestId });
  expect(body).not.toMatch(/mongo|E11000|at \(/i);
  return (error.data.issues as Issues).map(({ path }) => path);
}

const startsWith = (path: Path, start: Path) => start.every((part, index) => path[index] === part);

describe.each(withInput)("%s", (name, { type, inputs: [parser] }) => {
  const schema = z.toJSONSchema(parser!, { io: "input", unrepresentable: "any" }) as Schema;
  const variants = (schema.anyOf ?? [schema]).map((variant) => ({ variant, whole: sample(variant) }));

  test("refuses operators, lists, nothing and unfit texts at every place, and says where", async () => {
    for (const { variant, whole } of variants) {
      for (const { path, allowed } of placesIn(variant)) {
        const isCursor = path.at(-1) === "cursor";
        for (const [kind, value] of EVIL.filter(([kind, value]) => !isTaken(kind, value, allowed))) {
          if (path.length === 0 && kind === "null") continue;
          const numeric = allowed.some(({ type }) => type === "number" || type === "integer");
          if (kind === "number" && numeric && value !== 1e308) continue;
          if (kind === "string" && isCursor && (value as string).length < 256) continue;
          const paths = await issuesOf(name, type, put(whole, path, value));
          const near = paths.some((found) => startsWith(found, path) || startsWith(path, found));
          expect([name, path, kind, near, paths]).toEqual([name, path, kind, true, paths]);
        }
      }
    }
  });

  test("refuses what it does not know, at every depth", async () => {
    for (const { variant, whole } of variants) {
      const objects = placesIn(variant).filter(({ allowed }) =>
        allowed.some(({ type }) => type === "object"),
      );
      expect(objects.length).toBeGreaterThan(0);
      for (const { path } of objects) {
        for (const extra of ['{"isAdmin":true}', '{"$where":"1"}', '{"_id":"x"}', '{"userId":"x"}']) {
          await issuesOf(name, type, put(whole, path, { ...(whole as object), ...JSON.parse(extra) }));
        }
      }
    }
  });
});

const lists = withInput.flatMap(
  ([
    name,
    {
      type,
      inputs: [parser],
    },
  ]) => {
    const schema = z.toJSONSchema(parser!, { io: "input", unrepresentable: "any" }) as Schema;
    return (schema.anyOf ?? [schema])
      .filter(({ properties }) => properties?.cursor)
      .map((variant) => [name, type, variant] as const);
  },
);

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const MADE_UP = [
  "x",
  "\u0000",
  "x\ud800y",
  "%00",
  "../../etc/passwd",
  encoded(null),
  encoded([]),
  encoded({}),
  encoded({ id: { $gt: "" } }),
  encoded({ id: "x", at: "x", rank: "x" }),
  encoded({ $where: "sleep(5000)" }),
  encoded({ id: "01a20adb55f80000dee331a3", at: { $gt: 0 }, extra: 1 }),
  Buffer.from('{"__proto__":{"id":"01a20adb55f80000dee331a3"}}').toString("base64url"),
  Buffer.from("[".repeat(150)).toString("base64url"),
];

test.each(lists)("%s takes no cursor that was made up", async (name, type, schema) => {
  const tweet = await (await app.as("alice")).tweets.create({ content: "warble" });
  const whole = sample(schema) as Record<string, unknown>;
  for (const key of ["id", "tweetId"]) if (key in whole) whole[key] = tweet.id;
  for (const cursor of MADE_UP) {
    const { status, body } = await send(name, type, { ...whole, cursor });
    const reason: string = JSON.parse(body).error?.data.reason;
    // What the list is of may be looked for first, and missing.
    expect([name, cursor, status < 500, reason]).toEqual([
      name,
      cursor,
      true,
      expect.stringMatching(/^(BAD_CURSOR|BAD_INPUT|\w*NOT_FOUND)$/),
    ]);
  }
});

test("there are procedures, most with an input, and lists among them", () => {
  expect(withInput.length).toBeGreaterThan(10);
  expect(lists.length).toBeGreaterThan(3);
});
