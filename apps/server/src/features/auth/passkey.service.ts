import {
  type AddPasskey,
  type Done,
  Id,
  type Page,
  type PageInput,
  type Passkey,
  type PasskeyCreation,
} from "@warble/contracts";
import { z } from "zod";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { isDuplicate } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { requireHolder } from "./account.service";
import { showPasskeyAdded, showPasskeyRemoved } from "./auth-mail.view";
import { makeChallenge, takeChallenge } from "./challenge.service";
import { changeFactors } from "./factor-change.service";
import { PasskeyModel, type PasskeyRecord } from "./passkey.model";
import { showCreation, showPasskey } from "./passkey.view";
import { verifyRegistration } from "./passkey-check.service";
import { requireFresh } from "./session.service";

const PasskeyCursor = z.strictObject({ id: Id });

/** The viewer's passkeys, the newest first. */
export function listPasskeys(ctx: ViewerContext, { cursor, limit }: PageInput): Promise<Page<Passkey>> {
  const start = decodeCursor(cursor, PasskeyCursor);
  const userId = oid(ctx.viewer.id);
  return fillPage<PasskeyRecord, Passkey>({
    limit,
    read: (last, count) => {
      const after = last?._id ?? (start && oid(start.id));
      return PasskeyModel.find({ userId, ...(after && { _id: { $lt: after } }) })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: async (rows) => rows.map(showPasskey),
    cursorOf: ({ _id }) => encodeCursor({ id: String(_id) }),
  });
}

/** How many passkeys a user has. */
export const countPasskeys = (userId: ObjectId): Promise<number> => PasskeyModel.countDocuments({ userId });

/** Begins to add a passkey. @throws WarbleError REAUTH_REQUIRED */
export async function beginPasskey(ctx: ViewerContext): Promise<PasskeyCreation> {
  await requireFresh(ctx);
  const { user } = await requireHolder(oid(ctx.viewer.id));
  const known = await PasskeyModel.find({ userId: user._id }).lean();
  return showCreation(ctx, await makeChallenge(ctx, user._id), { user, known });
}

/** Adds the passkey that the browser has made. @throws WarbleError BAD_PASSKEY, REAUTH_REQUIRED, CONFLICT */
export async function addPasskey(
  ctx: ViewerContext,
  { challengeId, response, name }: AddPasskey,
): Promise<Passkey> {
  await requireFresh(ctx);
  const userId = oid(ctx.viewer.id);
  const made = (await takeChallenge(challengeId, userId))
    ? await verifyRegistration(ctx, challengeId, response)
    : null;
  if (!made) throw new WarbleError("BAD_PASSKEY");
  const passkey = { _id: newId(), userId, name, ...made, createdAt: now(), lastUsedAt: null };
  await changeFactors(ctx, async ({ user }) => {
    if ((await countPasskeys(userId)) >= ctx.config.policy.passkeysPerUser) throw tooMany();
    await PasskeyModel.insertMany([passkey]);
    return showPasskeyAdded(user.username, name);
  }).catch((error: unknown) => {
    throw isDuplicate(error) ? new WarbleError("BAD_PASSKEY") : error;
  });
  return showPasskey(passkey);
}

const tooMany = (): WarbleError =>
  new WarbleError("CONFLICT", { message: "You have as many passkeys as there may be: remove one first." });

/** Removes one of the viewer's passkeys. @throws WarbleError PASSKEY_NOT_FOUND, REAUTH_REQUIRED */
export async function removePasskey(ctx: ViewerContext, id: string): Promise<Done> {
  await changeFactors(ctx, async ({ user }) => {
    const removed = await PasskeyModel.findOneAndDelete({ _id: oid(id), userId: user._id }).lean();
    if (!removed) throw new WarbleError("PASSKEY_NOT_FOUND");
    return showPasskeyRemoved(user.username, removed.name);
  });
  return { ok: true };
}

/** Takes all of a user's passkeys away. */
export async function removePasskeys(userId: ObjectId): Promise<void> {
  await PasskeyModel.deleteMany({ userId });
}
