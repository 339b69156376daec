import type { AnyRouter } from "@trpc/server";
import { LIMITS } from "@warble/contracts";
import type { Request, RequestHandler } from "express";
import { WarbleError } from "./error";
import { refuse, refuseUnread } from "./reply";

/**
 * Reads the body of a call whole, as tRPC then takes it. All that is too large, packed or no JSON is refused here,
 * before a procedure runs; tRPC by itself would run those that take no input, and keep a large upload coming.
 */
export const readBody: RequestHandler = (request, response, next) => {
  const refusal = refusalOf(request);
  if (refusal) return refuseUnread(request, response, refusal);
  if (request.method === "GET") return next();
  const chunks: Buffer[] = [];
  let size = 0;
  const take = (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LIMITS.body) return void chunks.push(chunk);
    request.off("data", take).off("end", finish);
    refuseUnread(request, response, tooLarge());
  };
  const finish = () => {
    request.body = Buffer.concat(chunks).toString();
    if (isJson(request.body)) next();
    else refuse(response, new WarbleError("BAD_REQUEST", { message: "The body is not JSON." }));
  };
  request.on("data", take).once("end", finish);
};

const tooLarge = () =>
  new WarbleError("TOO_LARGE", { message: `A body holds at most ${LIMITS.body} bytes.` });

const unsupported = (message: string) =>
  new WarbleError("BAD_REQUEST", { code: "UNSUPPORTED_MEDIA_TYPE", message });

function refusalOf({ headers, method }: Request): WarbleError | undefined {
  if (Number(headers["content-length"] ?? 0) > LIMITS.body) return tooLarge();
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    return unsupported("Send the body as it is, not compressed.");
  }
  if (method === "POST" && !/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) {
    return unsupported("Send JSON, with content-type: application/json.");
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    return text === "" || JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Lets through what asks for procedures by their own method, before anything else is said of the request. tRPC would
 * answer HEAD with success for any path.
 */
export const rightMethod = (router: AnyRouter): RequestHandler => {
  const procedures: Record<string, { _def: { type: string } }> = router._def.procedures;
  return (request, response, next) => {
    const [first = ""] = request.path.slice(1).split(/,|%2c/i);
    const type = Object.hasOwn(procedures, first) ? procedures[first]?._def.type : undefined;
    const allowed = type === undefined ? ["GET", "POST"] : type === "mutation" ? ["POST"] : ["GET"];
    if (allowed.includes(request.method)) return next();
    response.setHeader("allow", allowed.join(", "));
    refuse(
      response,
      new WarbleError("BAD_REQUEST", {
        code: "METHOD_NOT_SUPPORTED",
        message: "Queries are GET, mutations are POST.",
      }),
    );
  };
};
