import { CONTRACT, skewOf } from "@warble/contracts";
import { WarbleError } from "./error";
import type { Fetch } from "./signed-fetch";

/** Lets through only what a Warble server has answered that speaks this contract. @throws WarbleError UNREACHABLE, VERSION_SKEW */
export const byWarble =
  (fetch: Fetch, url: string): Fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    const server = response.headers.get("warble-contract");
    if (server === null) throw new WarbleError("UNREACHABLE", strangerAt(url, response));
    const skew = skewOf({ client: CONTRACT, server });
    if (skew !== null) throw new WarbleError("VERSION_SKEW", skew);
    return response;
  };

function strangerAt(url: string, { status, headers }: Response): string {
  const what = `status ${status}, ${headers.get("content-type") ?? "no content"}`;
  return status >= 502 && status <= 504
    ? `The Warble server behind ${url} cannot be reached (${what}): try again soon.`
    : `What answers at ${url} is no Warble server (${what}): look whether the url is right.`;
}
