import type {
  Done,
  ListStrikesOf,
  ModeratedStrike,
  Page,
  PageInput,
  RevokeStrike,
  Strike,
} from "@warble/contracts";
import { now, nowMs } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { digestOf, randomSecret } from "../../platform/token";
import { findAccount, mailTo } from "../auth/account.service";
import { changeUser, type UserRecord } from "../users/user.service";
import { recordAction } from "./audit.service";
import { StrikeModel, type StrikeRecord } from "./strike.model";
import { showModeratedStrikes, showStrikes } from "./strike.view";
import { showStrike } from "./strike-mail.view";
import { bringBack } from "./takedown.service";
import { requireLower } from "./target.service";

const DONE: Done = { ok: true };

/** What there is to say of a new strike. */
type NewStrike = Pick<StrikeRecord, "action" | "reason"> & Partial<Pick<StrikeRecord, "target" | "until">>;

/** Holds something against a user, and mails them how to appeal; in the transaction of what was done. */
export async function makeStrike(
  ctx: ViewerContext,
  user: UserRecord,
  strike: NewStrike,
): Promise<StrikeRecord> {
  const token = randomSecret();
  const record: StrikeRecord = {
    _id: newId(),
    userId: user._id,
    target: null,
    until: null,
    ...strike,
    byId: oid(ctx.viewer.id),
    createdAt: now(),
    revokedAt: null,
    appealUntil: new Date(nowMs() + ctx.config.policy.appealTtl * 1000),
    tokenHash: digestOf(token),
    appeal: null,
  };
  await StrikeModel.insertMany([record]);
  const link = `${ctx.webUrl}/appeal?token=${token}`;
  // An address that nobody has proved may be anybody's; and who has just deleted their account has none.
  const account = user.emailVerified ? await findAccount(user._id) : null;
  const mail = { ...showStrike(user.username, record, link), expiresAt: record.appealUntil };
  if (account) await mailTo(ctx, { user, account }, mail);
  return record;
}

const inForce = () => ({ $or: [{ until: null }, { until: { $gt: now() } }] });

/** Takes the strike of a suspension back that is in force; in the transaction that ends the suspension or replaces it. */
export async function revokeSuspensions(userId: ObjectId): Promise<void> {
  const suspensions = { userId, action: "suspend" as const, revokedAt: null, ...inForce() };
  await StrikeModel.updateMany(suspensions, { revokedAt: now() });
}

/** Takes the strikes back that were made for taking something away; in the transaction that brings it back. */
export async function revokeRemovals(targetId: string): Promise<void> {
  await StrikeModel.updateMany(
    { "target.id": targetId, action: "remove", revokedAt: null },
    { revokedAt: now() },
  );
}

/** Takes a strike back and undoes what it did. @throws WarbleError STRIKE_NOT_FOUND, SELF_TARGET, FORBIDDEN, ALREADY_SETTLED */
export async function revokeStrike(ctx: ViewerContext, { strikeId, reason }: RevokeStrike): Promise<Done> {
  await transaction(async () => {
    const strike = await requireStrike(strikeId);
    await requireLower(ctx, String(strike.userId));
    await undo(ctx, strike);
    await recordAction({
      actorId: oid(ctx.viewer.id),
      action: "revokeStrike",
      targetType: "strike",
      targetId: strike._id,
      reason,
    });
  });
  return DONE;
}

/** @throws WarbleError STRIKE_NOT_FOUND */
export async function requireStrike(id: string): Promise<StrikeRecord> {
  const strike = await StrikeModel.findById(oid(id)).lean();
  if (!strike) throw new WarbleError("STRIKE_NOT_FOUND");
  return strike;
}

/** Undoes what a strike did, in a transaction. @throws WarbleError ALREADY_SETTLED when it was taken back before */
export async function undo(
  ctx: ViewerContext,
  { _id, userId, action, ...strike }: StrikeRecord,
): Promise<void> {
  const { modifiedCount } = await StrikeModel.updateOne({ _id, revokedAt: null }, { revokedAt: now() });
  if (modifiedCount === 0) throw new WarbleError("ALREADY_SETTLED");
  if (action === "remove" && strike.target) await bringBack(ctx, strike.target);
  // One that has ended by itself may have been followed by another.
  const lasts = strike.until === null || strike.until > now();
  if (action === "suspend" && lasts) await changeUser(String(userId), { suspension: null });
}

/** What moderators did to the viewer, the latest first. @throws WarbleError BAD_CURSOR */
export const listStrikes = (ctx: ViewerContext, input: PageInput): Promise<Page<Strike>> =>
  pageOfStrikes(input, { userId: oid(ctx.viewer.id) }, async (records) => showStrikes(records));

/** What moderators did to a user, the latest first. @throws WarbleError BAD_CURSOR */
export const listStrikesOf = ({ userId, ...input }: ListStrikesOf): Promise<Page<ModeratedStrike>> =>
  pageOfStrikes(input, { userId: oid(userId) }, showModeratedStrikes);

function pageOfStrikes<T>(
  { cursor, limit }: PageInput,
  where: { userId: ObjectId },
  show: (records: StrikeRecord[]) => Promise<T[]>,
): Promise<Page<T>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<StrikeRecord, T>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (start && oid(start.id));
      return StrikeModel.find({ ...where, ...(before && { _id: { $lt: before } }) })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show,
    cursorOf: ({ _id }) => encodeCursor({ id: String(_id) }),
  });
}
