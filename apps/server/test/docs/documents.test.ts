import { createRequire } from "node:module";
import { Validator } from "@seriousme/openapi-schema-validator";
import { LIMITS } from "@warble/contracts";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020";
import formats from "ajv-formats";
import { beforeAll, describe, expect, it } from "vitest";
import { appRouter } from "../../src/app";
import { startTestApp } from "../harness";

const app = startTestApp({ logLevel: "silent" });
const require = createRequire(import.meta.url);

interface Json {
  [key: string]: Json;
}
let openApi: Json;
let asyncApi: Json;
let token: string;

const load = async (path: string): Promise<Json> =>
  (await fetch(`${app.running.url}${path}`)).json() as Promise<Json>;

beforeAll(async () => {
  [openApi, asyncApi] = await Promise.all([load("/openapi.json"), load("/asyncapi.json")]);
  token = await app.tokenFor("alice");
});

const procedures = Object.entries(appRouter._def.procedures as object).map(
  ([name, procedure]) => [name, (procedure as { _def: { type: string } })._def.type] as const,
);

describe("the document of procedures", () => {
  it("is OpenAPI 3.1 without an error", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(openApi))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  it("has every procedure but subscriptions, each with what it says, its reasons and its windows", () => {
    const named = procedures.filter(([, type]) => type !== "subscription").map(([name]) => `/trpc/${name}`);
    expect(Object.keys(openApi.paths!).sort()).toEqual(named.sort());
    for (const [path, item] of Object.entries(openApi.paths!)) {
      const [operation] = Object.values(item);
      expect([path, String(operation?.summary)]).toEqual([path, expect.stringMatching(/^\S.{5}/)]);
      expect([path, operation?.["x-rate-limits"]]).toEqual([
        path,
        expect.arrayContaining([expect.anything()]),
      ]);
    }
    const { post } = openApi.paths!["/trpc/tweets.like"]!;
    expect(post).toMatchObject({
      "x-reasons": ["TWEET_NOT_FOUND"],
      security: [{ bearer: [] }],
      responses: {
        401: { $ref: "#/components/responses/Refused401" },
        403: { $ref: "#/components/responses/Refused403" },
        404: { description: "`TWEET_NOT_FOUND`: There is no such tweet." },
      },
    });
  });

  it("has shapes by their names, with limits and what the code says of their fields", () => {
    const { schemas } = openApi.components!;
    expect(schemas).toMatchObject({
      Tweet: {
        description: "A tweet, as the viewer may see it.",
        properties: { viewer: { description: "Null when nobody is signed in." } },
      },
      UserCard: { type: "object" },
      TweetPage: { properties: { items: { items: { $ref: "#/components/schemas/Tweet" } } } },
      UpdateUser: {
        properties: { bio: { maxLength: LIMITS.bio }, displayName: { maxLength: LIMITS.displayName } },
        additionalProperties: false,
      },
    });
  });
});

describe("the document of events", () => {
  it("is AsyncAPI 3 without an error", () => {
    const specification = require("@asyncapi/specs/schemas/3.0.0-without-$id.json");
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile({ ...specification, $id: undefined });
    validate(asyncApi);
    expect(validate.errors ?? []).toEqual([]);
  });

  it("refers to nothing that is not there", () => {
    const refs = [...JSON.stringify(asyncApi).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path ?? "",
    );
    const missing = refs.filter(
      (path) =>
        path.split("/").reduce<Json | undefined>((node, part) => node?.[part], asyncApi) === undefined,
    );
    expect(refs.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });
});

describe("answers", () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);

  /** What the document says of an answer that came. */
  function misfits(path: string, status: number, body: unknown): unknown[] {
    const [operation] = Object.values(openApi.paths![path]!);
    const told = operation?.responses?.[status];
    if (!told) return [`${path} is not said to answer ${status}`];
    const response = told.$ref ? openApi.components!.responses![String(told.$ref).split("/").at(-1)!] : told;
    const schema = response!.content!["application/json"]!.schema;
    const validate = ajv.compile({ ...schema, components: openApi.components });
    validate(body);
    return validate.errors ?? [];
  }

  async function call(name: string, input?: unknown, as: string | null = token) {
    const type = procedures.find(([known]) => known === name)?.[1];
    const path = `/trpc/${name}`;
    const url = `${app.running.url}${path}`;
    const headers = { "content-type": "application/json", ...(as && { authorization: `Bearer ${as}` }) };
    const response =
      type === "query"
        ? await fetch(`${url}?input=${encodeURIComponent(JSON.stringify(input ?? {}))}`, { headers })
        : await fetch(url, { method: "POST", headers, body: JSON.stringify(input ?? {}) });
    const body = (await response.json()) as { result?: { data: Json } };
    expect([name, response.status, misfits(path, response.status, body)]).toEqual([
      name,
      response.status,
      [],
    ]);
    return { status: response.status, data: body.result?.data as Json };
  }

  it("are as the document says, in a walk of calls and of refusals", async () => {
    const bob = await app.id("bob");
    const { data: tweet } = await call("tweets.create", {
      content: "warble @bob #birds https://example.com",
    });
    const { id } = tweet as unknown as { id: string };
    const { data: comment } = await call("comments.create", { tweetId: id, content: "and on" });
    const { data: group } = await call("chat.createGroup", { title: "Birds", userIds: [bob] });
    await app.setRole("bob", "admin");
    const walk: [name: string, status: number, input?: unknown, as?: string | null][] = [
      ["auth.me", 200],
      ["auth.sessions", 200],
      ["auth.me", 401, undefined, null],
      ["auth.me", 401, undefined, "no.such.token"],
      ["auth.login", 401, { identifier: "alice", password: "not the password" }, null],
      ["auth.register", 409, { username: "alice", email: "a@example.com", password: "swifts over the pier" }],
      ["tweets.get", 200, { id }],
      ["tweets.get", 200, { id }, null],
      ["tweets.get", 404, { id: bob }],
      ["tweets.get", 400, { id: "x" }],
      ["tweets.like", 200, { id }],
      ["tweets.retweet", 200, { id }],
      ["tweets.likers", 200, { id }],
      ["tweets.history", 200, { id }],
      ["tweets.update", 400, { id, content: "warble @bob #birds https://example.com" }],
      ["tweets.likers", 400, { id, cursor: "made up" }],
      ["comments.list", 200, { tweetId: id }],
      ["comments.thread", 200, { id: (comment as unknown as { id: string }).id }],
      ["timelines.home", 200],
      ["timelines.user", 200, { username: "alice", filter: "replies" }],
      ["search.tweets", 200, { query: "warble" }],
      ["search.hashtags", 200, { query: "bi" }],
      ["users.get", 200, { username: "bob" }],
      ["users.follow", 200, { id: bob }],
      ["users.follow", 400, { id: await app.id("alice") }],
      ["users.update", 200, { bio: "birds" }],
      ["users.deactivate", 409, undefined, await app.tokenFor("bob")],
      ["notifications.list", 200],
      ["chat.conversations", 200],
      ["chat.rename", 200, { conversationId: (group as unknown as { id: string }).id, title: "Gulls" }],
      ["moderation.reports", 403],
      ["moderation.report", 200, { targetType: "user", targetId: bob, reason: "spam" }],
    ];
    for (const [name, status, input, as] of walk) {
      expect([name, (await call(name, input, as)).status]).toEqual([name, status]);
    }
  });

  it("that the document does not know are found", async () => {
    expect(misfits("/trpc/tweets.get", 200, { result: { data: { id: 1 } } })).not.toEqual([]);
    expect(misfits("/trpc/tweets.get", 418, {})).not.toEqual([]);
    const refusal = {
      message: "",
      code: 1,
      data: { code: "", httpStatus: 404, requestId: "", reason: "FORBIDDEN" },
    };
    expect(misfits("/trpc/tweets.get", 404, { error: refusal })).not.toEqual([]);
  });
});

describe("the pages", () => {
  it("come with what they need and let nothing else in", async () => {
    for (const path of ["/docs", "/docs/events"]) {
      const response = await fetch(`${app.running.url}${path}`);
      const html = await response.text();
      expect(response.headers.get("content-security-policy")).toMatch(
        /default-src 'none'.*script-src 'self'/,
      );
      expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
      for (const [, link = ""] of html.matchAll(/(?:src|href)="(\/[^"]*)"/g)) {
        const linked = await fetch(`${app.running.url}${link}`);
        await linked.arrayBuffer();
        expect([link, linked.status]).toEqual([link, 200]);
      }
    }
  });

  it("serve no other file of the library's", async () => {
    for (const file of ["package.json", "index.html", "swagger-ui-bundle.js.map", "../package.json"])
      expect([file, (await fetch(`${app.running.url}/docs/${file}`)).status]).toEqual([file, 404]);
  });
});
