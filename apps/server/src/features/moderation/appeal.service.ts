import type { CreateAppeal, DecideAppeal, Done, ModeratedStrike, Page, PageInput } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { Context, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { digestOf } from "../../platform/token";
import { findAccount, mailTo } from "../auth/account.service";
import { findUsersByRole, type UserRecord } from "../users/user.service";
import { mayEnter } from "../visibility/visibility.service";
import { recordAction } from "./audit.service";
import { RANK } from "./permission.service";
import { StrikeModel, type StrikeRecord } from "./strike.model";
import { requireStrike, undo } from "./strike.service";
import { showModeratedStrikes } from "./strike.view";
import { showDecision } from "./strike-mail.view";
import { requireLower } from "./target.service";

const DONE: Done = { ok: true };
const pending = { "appeal.state": "pending" as const, revokedAt: null };

/**
 * Says something against a strike, once: by its user, or by whoever has the token of its mail.
 * @throws WarbleError NOT_SIGNED_IN, STRIKE_NOT_FOUND, BAD_TOKEN, ALREADY_SETTLED, FORBIDDEN after the time for it
 */
export async function appeal(ctx: Context, input: CreateAppeal): Promise<Done> {
  const strike = "token" in input ? await findByToken(input.token) : await requireOwn(ctx, input.strikeId);
  const given = { text: input.text, createdAt: now(), state: "pending" as const, note: "" };
  const { modifiedCount } = await StrikeModel.updateOne(
    { _id: strike._id, appeal: null, revokedAt: null },
    { $set: { appeal: { ...given, decidedAt: null, decidedById: null }, tokenHash: null } },
  );
  if (modifiedCount === 0) throw new WarbleError("ALREADY_SETTLED");
  return DONE;
}

async function findByToken(token: string): Promise<StrikeRecord> {
  const strike = await StrikeModel.findOne({
    tokenHash: digestOf(token),
    appealUntil: { $gt: now() },
  }).lean();
  if (!strike) throw new WarbleError("BAD_TOKEN");
  return strike;
}

async function requireOwn({ viewer }: Context, strikeId: string): Promise<StrikeRecord> {
  if (!viewer) throw new WarbleError("NOT_SIGNED_IN");
  const strike = await requireStrike(strikeId);
  if (String(strike.userId) !== viewer.id) throw new WarbleError("STRIKE_NOT_FOUND");
  if (strike.appealUntil <= now())
    throw new WarbleError("FORBIDDEN", { message: "The time to appeal against it is over." });
  return strike;
}

/** The strikes that are appealed against and not decided, the oldest first. @throws WarbleError BAD_CURSOR */
export function listAppeals({ cursor, limit }: PageInput): Promise<Page<ModeratedStrike>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<StrikeRecord, ModeratedStrike>({
    limit,
    read: (last, count) => {
      const after = last?._id ?? (start && oid(start.id));
      return StrikeModel.find({ ...pending, ...(after && { _id: { $gt: after } }) })
        .sort({ _id: 1 })
        .limit(count)
        .lean();
    },
    show: showModeratedStrikes,
    cursorOf: ({ _id }) => encodeCursor({ id: String(_id) }),
  });
}

/**
 * Decides an appeal, and undoes what was done unless it is upheld. Who made the strike decides only where nobody else can.
 * @throws WarbleError STRIKE_NOT_FOUND, ALREADY_SETTLED, SELF_TARGET, FORBIDDEN
 */
export async function decideAppeal(ctx: ViewerContext, { id, uphold, note }: DecideAppeal): Promise<Done> {
  await transaction(async () => {
    const strike = await requireStrike(id);
    const user = await requireLower(ctx, String(strike.userId));
    if (strike.byId.equals(ctx.viewer.id)) await requireNobodyElse(ctx, user);
    const state = uphold ? "upheld" : "overturned";
    const decision = { state, note, decidedAt: now(), decidedById: oid(ctx.viewer.id) };
    const set = Object.entries(decision).map(([name, value]) => [`appeal.${name}`, value]);
    const decided = await StrikeModel.updateOne(
      { _id: strike._id, ...pending },
      { $set: Object.fromEntries(set) },
    );
    if (decided.modifiedCount === 0) throw new WarbleError("ALREADY_SETTLED");
    if (!uphold) await undo(ctx, strike);
    await recordAction({
      actorId: oid(ctx.viewer.id),
      action: "decideAppeal",
      targetType: "strike",
      targetId: strike._id,
      reason: note ? `${state}: ${note}` : state,
    });
    const account = user.emailVerified ? await findAccount(user._id) : null;
    if (account) await mailTo(ctx, { user, account }, showDecision(user.username, uphold, note));
  });
  return DONE;
}

async function requireNobodyElse({ viewer }: ViewerContext, user: UserRecord): Promise<void> {
  const staff = [...(await findUsersByRole("moderator")), ...(await findUsersByRole("admin"))];
  const others = staff.filter(
    (other) =>
      String(other._id) !== viewer.id &&
      RANK[other.role] > RANK[user.role] &&
      other.emailVerified &&
      mayEnter(other),
  );
  if (others.length === 0) return;
  throw new WarbleError("FORBIDDEN", { message: "Somebody else decides on what you did." });
}
