import type { ErrorShape } from "@warble/contracts";
import { fromShape, type WarbleError } from "./error";
import type { Session } from "./session";

export type Fetch = typeof globalThis.fetch;

/** The header by which a request is the signed-in user's. */
export const signed = async (session: Session): Promise<Record<string, string>> => {
  const token = await session.accessToken();
  return token ? { authorization: `Bearer ${token}` } : {};
};

/** Why a Warble server refused a request, as the body says; undefined where it does not. */
export async function refusedBy(response: Response): Promise<WarbleError | undefined> {
  const body: { error?: ErrorShape } | null = await response.json().catch(() => null);
  return body?.error?.data?.reason && fromShape(body.error);
}

/** Refreshes the session once when the server says that the token is no longer good, and asks again. */
export const renewed =
  (fetch: Fetch, session: Session): Fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    const sent = new Headers(init?.headers).get("authorization")?.slice("Bearer ".length);
    if (response.status !== 401 || !sent) return response;
    const next = await session.refresh(sent);
    if (!next) return response;
    return fetch(input, {
      ...init,
      headers: { ...(init?.headers as object), authorization: `Bearer ${next.accessToken}` },
    });
  };
