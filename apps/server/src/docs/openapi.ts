import { type Access, COMMON_REASONS, type ErrorReason, KEY_REASONS, LIMITS } from "@warble/contracts";
import { messageOf, statusOf } from "../platform/error";
import type { Policy, Window } from "../platform/policy";
import { commentOn } from "./comments";
import type { CallContract, Contract, ProcedureContract, Schema } from "./contract";
import { described } from "./described";
import { INTRODUCTION, TAGS } from "./introduction";

/** The procedures as OpenAPI 3.1; windows of calls are those of the policy. */
export function openApiOf(contract: Contract, policy: Policy): Schema {
  const { procedures, schemas } = contract;
  const paths = Object.entries(procedures)
    .filter(([, { type }]) => type !== "subscription")
    .map(([name, procedure]) => {
      const operation = operationOf(name, procedure, policy);
      return [`/trpc/${name}`, { [procedure.type === "query" ? "get" : "post"]: operation }];
    });
  return {
    openapi: "3.1.0",
    info: {
      title: "Warble",
      version: "1",
      summary: "Accounts, tweets, timelines, notifications and chat.",
      description: INTRODUCTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The server that this document came from." }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description:
            "The `accessToken` of `auth.login`; it lives ten minutes, `auth.refresh` gives the next.",
        },
      },
      headers: HEADERS,
      responses: Object.fromEntries(
        Object.entries(byStatus(COMMON_REASONS)).map(([status, reasons]) => [
          `Refused${status}`,
          refusal(Number(status), reasons),
        ]),
      ),
      schemas: {
        ...described(schemas),
        Refusal: {
          type: "object",
          description: "The body of every refused call: `error.data.reason` says why.",
          properties: { error: ref("ErrorShape") },
          required: ["error"],
        },
      },
    },
  };
}

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const header = (name: string): Schema => ({ $ref: `#/components/headers/${name}` });

const HEADERS = {
  "x-request-id": { description: "Quote it to the operator: the logs know it.", schema: { type: "string" } },
  "ratelimit-policy": {
    description: "The tightest window that the call counted in: so many calls in so many seconds (`w`).",
    schema: { type: "string", examples: ["300;w=10800"] },
  },
  ratelimit: {
    description: "How much of that window is left, and for how many seconds it lasts.",
    schema: { type: "string", examples: ["limit=300, remaining=299, reset=10800"] },
  },
  "retry-after": { description: "Seconds to wait.", schema: { type: "integer", minimum: 1 } },
  "warble-contract": {
    description:
      "The version of the contract that the server speaks: clients of another major version are refused.",
    schema: { type: "string" },
  },
  "idempotency-replayed": {
    description: "The answer is the one of an earlier call under the same key.",
    schema: { const: "true" },
  },
};

const KEY: Schema = {
  name: "idempotency-key",
  in: "header",
  description:
    "Has the call done once: for a day the same key with the same input is answered as the first time, and with another input refused.",
  schema: { type: "string", minLength: 1, maxLength: LIMITS.idempotencyKey },
};

function operationOf(name: string, procedure: ProcedureContract, policy: Policy): Schema {
  const { type, access, limit, reasons } = procedure;
  const comment = commentOn(name);
  const windows = [
    policy.general[access === "anyone" ? "anonymous" : "user"],
    ...(limit ? policy.limits[limit] : []),
  ];
  return {
    operationId: name,
    tags: [name.split(".")[0]],
    summary: comment.split(/(?<=[.;:]) /)[0]?.replace(/[.;:]$/, ""),
    description: [comment, `${accessText(access)} ${windows.map(windowText).join(" ")}`].join("\n\n"),
    ...(access === "anyone" ? { security: [{}, { bearer: [] }] } : { security: [{ bearer: [] }] }),
    ...(type === "query" ? { parameters: parametersOf(procedure) } : { requestBody: bodyOf(procedure) }),
    ...(procedure.once && { parameters: [KEY] }),
    responses: { 200: answerOf(procedure), ...refusalsOf(procedure) },
    "x-access": access,
    "x-reasons": reasons,
    "x-rate-limits": windows,
  };
}

function accessText(access: Access): string {
  if (access === "anyone") return "Anybody may call it; with a token, the answer is the viewer's.";
  if (access === "signedIn") return "For people who are signed in.";
  if (access === "verified") return "For people whose e-mail address is verified.";
  return `For the roles ${access.join(", ")}.`;
}

const windowText = ({ points, seconds, byNetwork }: Window): string =>
  `At most ${points} calls in ${seconds} seconds ${byNetwork ? "by network" : "by user"}.`;

function parametersOf({ input, optional }: CallContract): Schema[] {
  if (!input) return [];
  return [
    {
      name: "input",
      in: "query",
      required: !optional,
      description: "The input as JSON, percent-encoded.",
      content: { "application/json": { schema: input } },
    },
  ];
}

const NOTHING: Schema = { description: "Nothing is asked for: whatever JSON comes is passed over." };

/** Always there: a POST without a body would not say that it is JSON. */
const bodyOf = ({ input }: CallContract): Schema => ({
  required: true,
  content: { "application/json": { schema: input ?? NOTHING } },
});

const answerOf = ({ output, once }: ProcedureContract): Schema => ({
  description: "What was asked for, as tRPC wraps it.",
  headers: {
    "x-request-id": header("x-request-id"),
    ratelimit: header("ratelimit"),
    "ratelimit-policy": header("ratelimit-policy"),
    "warble-contract": header("warble-contract"),
    ...(once && { "idempotency-replayed": header("idempotency-replayed") }),
  },
  content: {
    "application/json": {
      schema: {
        type: "object",
        properties: {
          result: { type: "object", properties: { data: output }, required: ["data"] },
        },
        required: ["result"],
      },
    },
  },
});

/** By status: what any call may be refused with stands in the components, once. */
function refusalsOf({ reasons, access, type, once }: ProcedureContract): Schema {
  const isVerified = access !== "anyone" && access !== "signedIn";
  const common = COMMON_REASONS.filter((reason) => isVerified || reason !== "EMAIL_NOT_VERIFIED");
  const own = byStatus([...new Set<ErrorReason>([...common, ...(once ? KEY_REASONS : []), ...reasons])]);
  const shared = byStatus(COMMON_REASONS);
  const all = Object.entries(own).map(([status, named]) => {
    const isShared = named.join() === shared[Number(status)]?.join();
    return [
      status,
      isShared ? { $ref: `#/components/responses/Refused${status}` } : refusal(Number(status), named),
    ];
  });
  return Object.fromEntries(type === "query" ? all : [...all, [415, refusal(415, ["BAD_REQUEST"])]]);
}

function byStatus(reasons: readonly ErrorReason[]): Record<number, ErrorReason[]> {
  const by: Record<number, ErrorReason[]> = {};
  for (const reason of reasons) by[statusOf(reason)] = [...(by[statusOf(reason)] ?? []), reason];
  return by;
}

const waits = (status: number): boolean => status === 429 || status === 503;

const refusal = (status: number, reasons: readonly ErrorReason[]): Schema => ({
  description: reasons.map((reason) => `\`${reason}\`: ${messageOf(reason)}`).join("\n\n"),
  headers: {
    "x-request-id": header("x-request-id"),
    ...(waits(status) && { "retry-after": header("retry-after") }),
  },
  content: {
    "application/json": {
      schema: {
        allOf: [ref("Refusal")],
        properties: {
          error: {
            properties: {
              data: { properties: { reason: { enum: reasons }, httpStatus: { const: status } } },
            },
          },
        },
      },
    },
  },
});
