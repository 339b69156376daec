import type { Me } from "@warble/contracts";
import { showUsers } from "../users/user.view";
import type { Holder } from "./account.service";
import { factorsOf } from "./factor.service";

/** A user as they see themselves. */
export async function showMe({ user, account }: Holder): Promise<Me> {
  const { username, emailVerified, role, messagesFrom, showPresence } = user;
  const viewer = { id: String(user._id), sessionId: "", username, emailVerified, role };
  const [shown] = await showUsers({ viewer }, [user]);
  if (!shown) throw new Error("users see themselves");
  const secondFactor = await factorsOf(user._id);
  return { ...shown, email: account.email, emailVerified, role, messagesFrom, showPresence, secondFactor };
}
