import { CONTRACT, skewOf } from "@warble/contracts";
import type { RequestHandler } from "express";
import { WarbleError } from "./error";
import { refuse } from "./reply";

/** Refuses a client that says that it speaks a version of the contract that is not understood here. @throws WarbleError VERSION_SKEW */
export function requireContract(client: unknown): void {
  const skew = typeof client === "string" ? skewOf({ client, server: CONTRACT }) : null;
  if (skew !== null) throw new WarbleError("VERSION_SKEW", { message: skew });
}

/** Says which version of the contract is spoken here, before anything is done for a client of another. */
export const withContract: RequestHandler = ({ headers }, response, next) => {
  response.setHeader("warble-contract", CONTRACT);
  try {
    requireContract(headers["warble-contract"]);
  } catch (error) {
    return refuse(response, error as WarbleError);
  }
  next();
};
