import { useQuery } from "@tanstack/react-query";
import type { Me } from "@warble/contracts";
import { useSyncExternalStore } from "react";
import { useWarble, useWarbleQueries } from "./provider";
import { sessionStoreOf } from "./session-store";

/** Who is signed in. */
export type SessionState =
  | { status: "loading"; userId: null; user: null }
  | { status: "signedOut"; userId: null; user: null }
  /** `user` is null until the server has said who it is. */
  | { status: "signedIn"; userId: string; user: Me | null };

/**
 * Who is signed in, here or in another tab. A server that has put `auth.me` into the cache renders with that user;
 * without, it renders `loading`, as the page does before it knows.
 * @example
 * const { status, user } = useSession();
 * if (status === "signedOut") return <SignIn />;
 */
export function useSession(): SessionState {
  const store = sessionStoreOf(useWarble());
  const userId = useSyncExternalStore(store.subscribe, store.user, () => undefined);
  const me =
    useQuery({ ...useWarbleQueries().auth.me.queryOptions(), enabled: Boolean(userId) }).data ?? null;
  if (userId === null || (userId === undefined && !me)) {
    return { status: userId === null ? "signedOut" : "loading", userId: null, user: null };
  }
  const user = userId === undefined || me?.id === userId ? me : null;
  return { status: "signedIn", userId: userId ?? me?.id ?? "", user };
}
