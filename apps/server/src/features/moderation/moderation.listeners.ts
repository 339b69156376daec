import { WarbleError } from "../../platform/error";
import type { Listener } from "../../platform/events";
import { oid } from "../../platform/id";
import { findAccount } from "../auth/account.service";
import { type Flagged, findFlag } from "../filters/filter.service";
import { findUser } from "../users/user.service";
import { evidenceOfPost, evidenceOfUser, type Found, requirePost } from "./evidence.service";
import { fileReport } from "./report.service";

/** Reports what a filter of the operator has flagged, if it is still there. */
export const reportContent: Listener<Flagged> = async (_app, { targetType, targetId }) => {
  const found = await look({ targetType, targetId });
  if (!found) return;
  const target = { targetType, targetId: oid(targetId) };
  const said = { reason: "other" as const, note: `Filter: ${found.filter}` };
  await fileReport({ target, reporterId: null, said }, async () => found);
};

/** How what was flagged looks now, and the filter that flags it. */
async function look({ targetType, targetId }: Flagged): Promise<(Found & { filter: string }) | null> {
  if (targetType === "user") return lookAtUser(targetId);
  try {
    const post = await requirePost(targetType, targetId);
    const filter = await findFlag([post.content]);
    return filter ? { ...evidenceOfPost(post), filter: filter.value } : null;
  } catch (error) {
    if (error instanceof WarbleError) return null;
    throw error;
  }
}

async function lookAtUser(targetId: string) {
  const user = await findUser({ id: targetId });
  const account = user && (await findAccount(user._id));
  if (!user || !account) return null;
  const filter = await findFlag([user.username, user.displayName, user.bio], account.email);
  return filter ? { ...evidenceOfUser(user), filter: filter.value } : null;
}
