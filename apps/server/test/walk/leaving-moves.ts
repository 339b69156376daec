import type { SignedIn } from "@warble/contracts";
import { callAs } from "../../seed/caller";
import type { Viewer } from "../../src/platform/context";
import { PASSWORD } from "../http";
import type { Move } from "./move";
import type { Person, World } from "./world";

export const signIn = ({ app }: World, { name }: Person): Promise<SignedIn> =>
  app.anonymous.auth.login({ identifier: name, password: PASSWORD });

/** Somebody whose password was given a moment ago. */
export async function freshViewer(world: World, me: Person): Promise<Viewer> {
  const { tokens } = await signIn(world, me);
  const [sessionId = ""] = tokens.refreshToken.split(".");
  return { id: me.id, username: me.name, sessionId, role: "user", emailVerified: true };
}

/** What people do to their account. Who deletes it makes room for somebody new, so that the walk goes on. */
export const LEAVING: Record<string, Move> = {
  deactivate: {
    weight: 2,
    // Signed out or suspended between the password and what it was given for; or gone, on another device.
    reasons: ["ACCOUNT_SUSPENDED", "REAUTH_REQUIRED", "BAD_CREDENTIALS", "NOT_SIGNED_IN", "CONFLICT"],
    deed: (world, me) => ({
      call: async () => callAs(world.app.running.app, await freshViewer(world, me)).users.deactivate(),
      refusal: () => undefined,
      apply: () => {
        me.away = true;
      },
    }),
  },
  comeBack: {
    weight: 1,
    reasons: ["ACCOUNT_SUSPENDED", "BAD_CREDENTIALS"],
    whenAway: true,
    deed: (world, me) => ({
      call: () => signIn(world, me),
      refusal: () => (me.suspended ? "ACCOUNT_SUSPENDED" : undefined),
      apply: () => {
        me.away = false;
      },
    }),
  },
  comeIn: {
    // It comes in place of what they would do who are shut out.
    weight: 0,
    reasons: [],
    byModerator: true,
    deed: (world, me) => ({
      call: () => world.admin.moderation.unsuspend({ userId: me.id }),
      refusal: () => undefined,
      apply: () => world.suspend(me, false),
    }),
  },
  deleteAccount: {
    weight: 1,
    reasons: ["BAD_CREDENTIALS", "NOT_SIGNED_IN", "CONFLICT"],
    deed: (world, me) => ({
      call: async () => {
        const heir = await world.newPerson();
        await me.caller.users.deleteAccount({ password: PASSWORD });
        return heir;
      },
      refusal: () => undefined,
      settles: true,
      apply: (heir: Person) => world.replace(me, heir),
    }),
  },
};
