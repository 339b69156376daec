import type { ReportCase, ResolveReport } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { endOf } from "../../platform/end";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { findMessages } from "../chat/message.service";
import { findPosts } from "../posts/post.service";
import type { UserRecord } from "../users/user.service";
import { changeCase, recordOn } from "./case.service";
import { shutOut } from "./moderation.service";
import { CaseModel, type CaseRecord } from "./report.model";
import type { StrikeRecord } from "./strike.model";
import { makeStrike } from "./strike.service";
import { takeDown } from "./takedown.service";
import { findLower } from "./target.service";

/** What is done about a case. */
type Decision = Omit<ResolveReport, "until" | "reason"> & { reason: string; end: Date | null };

/**
 * Resolves all reports on something, and does what there is to do about it; of two at once, one.
 * @throws WarbleError REPORT_NOT_FOUND, ALREADY_SETTLED, FORBIDDEN, USER_NOT_FOUND; TWEET_NOT_FOUND, COMMENT_NOT_FOUND
 * or MESSAGE_NOT_FOUND when there is nothing to remove any more; BAD_INPUT
 */
export function resolveReport(ctx: ViewerContext, input: ResolveReport): Promise<ReportCase> {
  const decision: Decision = { ...input, reason: input.reason ?? "", end: endOf(input.until) };
  return changeCase(ctx, input.reportId, async (record) => {
    if (record.status === "resolved") throw new WarbleError("ALREADY_SETTLED");
    const strikeId = await act(ctx, record, decision);
    const { action, reason, note } = decision;
    const resolved = { action, byId: oid(ctx.viewer.id), reason, note, strikeId, createdAt: now() };
    await CaseModel.updateOne(
      { _id: record._id },
      { $set: { status: "resolved", resolved }, $unset: { openKey: 1 } },
    );
    await recordOn(ctx, record, { action: "resolve", reason: saidOf(decision) });
    return { ...record, status: "resolved", resolved };
  });
}

/** @returns the strike that it makes */
async function act(ctx: ViewerContext, record: CaseRecord, decision: Decision): Promise<ObjectId | null> {
  const { action } = decision;
  // Of two administrators neither is above the other: one may still say that nothing is wrong.
  const user =
    action === "dismiss" && ctx.viewer.role === "admin" ? null : await findLower(ctx, record.userId);
  if (action === "dismiss") return null;
  if (action === "remove") return removeIt(ctx, record, { user, decision });
  if (!user) throw new WarbleError("USER_NOT_FOUND");
  const { reason, end: until } = decision;
  if (action === "suspend") await shutOut(ctx, user, { reason, until });
  const target = await targetOf(record);
  return (await makeStrike(ctx, user, { action, reason, target, until }))._id;
}

async function removeIt(
  ctx: ViewerContext,
  { targetType, targetId }: CaseRecord,
  { user, decision }: { user: UserRecord | null; decision: Decision },
): Promise<ObjectId | null> {
  if (targetType === "user") {
    const message = "must be another for a user: there is nothing to take away";
    throw new WarbleError("BAD_INPUT", { issues: [{ path: ["action"], code: "custom", message }] });
  }
  const { target } = await takeDown(ctx, { type: targetType, id: String(targetId) });
  if (!user) return null;
  const strike = await makeStrike(ctx, user, { action: "remove", reason: decision.reason, target });
  return strike._id;
}

/** What a strike is about, as it reads now, if only as evidence. */
async function targetOf({ targetType, targetId }: CaseRecord): Promise<StrikeRecord["target"]> {
  if (targetType === "user") return null;
  const [found] = targetType === "message" ? await findMessages([targetId]) : await findPosts([targetId]);
  return found ? { type: targetType, id: String(targetId), content: found.content } : null;
}

const saidOf = ({ action, reason, note }: Decision): string =>
  [action, reason, note].filter(Boolean).join(": ");
