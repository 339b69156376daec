import { type AnyRouter, callTRPCProcedure } from "@trpc/server";
import { LIMITS } from "@warble/contracts";
import type { Request, RequestHandler, Response } from "express";
import type { Context } from "./context";
import { shapeOf, toWarbleError, type WarbleError } from "./error";
import { JSON_TYPE, requestIdOf } from "./reply";

interface PlainOptions {
  router: AnyRouter;
  contextOf: (request: Request, response: Response) => Promise<Context>;
  /** Hears of a context that could not be made; procedures log by themselves. */
  failed: (error: unknown, response: Response) => void;
}

interface Asked {
  type: "query" | "mutation";
  paths: string[];
  inputs: Record<number, unknown>;
  isBatch: boolean;
}

/**
 * Answers queries that are got and mutations that are posted, single or in a batch, just as tRPC's adapter does, which
 * has all the rest: streams, and what is refused before a procedure runs. The adapter makes a request, headers, signals
 * and a stream of the Fetch API for every call, and that takes longer than most procedures do.
 */
export function plainCalls({ router, contextOf, failed }: PlainOptions): RequestHandler {
  return async (request, response, next) => {
    const asked = askedBy(request, router);
    if (!asked) return next();
    const context = contextOf(request, response);
    context.catch((error) => failed(error, response));
    const { type, paths, inputs, isBatch } = asked;
    const refusals: WarbleError[] = [];
    const answer = async (path: string, batchIndex: number) => {
      try {
        const getRawInput = async () => inputs[batchIndex];
        const call = { router, path, type, ctx: await context, getRawInput, batchIndex, signal: undefined };
        return { result: { data: await callTRPCProcedure(call) } };
      } catch (error) {
        const refusal = toWarbleError(error);
        refusals.push(refusal);
        return { error: shapeOf(refusal, requestIdOf(response)) };
      }
    };
    const answers = await Promise.all(paths.map(answer));
    const body = JSON.stringify(isBatch ? answers : answers[0]);
    const [status = 200, ...others] = new Set(answers.map(({ error }) => error?.data.httpStatus ?? 200));
    response.statusCode = others.length > 0 ? 207 : status;
    for (const [name, value] of Object.entries(headersOf(refusals))) response.setHeader(name, value);
    response.appendHeader("vary", "trpc-accept, accept").end(body);
  };
}

/** What a request asks for; undefined when it is not as plain as that. */
function askedBy({ path, url, method, headers, body }: Request, router: AnyRouter): Asked | undefined {
  if (headers["trpc-accept"] !== undefined || headers.accept?.includes("jsonl")) return undefined;
  const type = method === "GET" ? "query" : "mutation";
  try {
    const { searchParams } = new URL(url, `http://${headers.host}`);
    const isBatch = searchParams.get("batch") === "1";
    const name = decodeURIComponent(path.slice(1));
    const paths = isBatch ? name.split(",") : [name];
    const procedures: Record<string, { _def: { type: string } }> = router._def.procedures;
    const isPlain = paths.length <= LIMITS.batch && paths.every((one) => procedures[one]?._def.type === type);
    if (!isPlain || searchParams.has("connectionParams")) return undefined;
    const text: string | null = type === "query" ? searchParams.get("input") : body;
    const given: unknown = text ? JSON.parse(text) : undefined;
    if (!isBatch) return { type, paths, inputs: [given], isBatch };
    const inputs = text ? given : {};
    return isRecord(inputs) ? { type, paths, inputs, isBatch } : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<number, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The headers of an answer, whatever it refuses. */
export function headersOf(refusals: WarbleError[]): Record<string, string> {
  const wait = Math.max(0, ...refusals.map(({ retryAfter = 0 }) => retryAfter));
  return { "content-type": JSON_TYPE, ...(wait > 0 && { "retry-after": String(wait) }) };
}
