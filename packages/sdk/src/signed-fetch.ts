import type { Session } from "./session";

export type Fetch = typeof globalThis.fetch;

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
