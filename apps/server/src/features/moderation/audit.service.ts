import type { AuditEntry, Page, PageInput } from "@warble/contracts";
import { z } from "zod";
import { now } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { newId } from "../../platform/id";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { loadCards } from "../users/user.view";
import { AuditModel, type AuditRecord } from "./audit.model";

/** What there is to write down of an action. */
export type Action = Pick<AuditRecord, "actorId" | "action" | "targetType" | "targetId" | "reason">;

const AuditCursor = z.strictObject({ number: z.int().min(1) });

/**
 * Adds a row to the audit log. Inside the transaction of the action only: taking the next number also puts
 * actions in a line, so that of two at once the later one sees what the earlier one has done.
 */
export async function recordAction(action: Action): Promise<void> {
  const last = await AuditModel.findOne({}, { number: 1 }).sort({ number: -1 }).lean();
  const number = (last?.number ?? 0) + 1;
  await AuditModel.insertMany([{ _id: newId(), ...action, number, createdAt: now() }]);
}

/** The audit log, the latest first. @throws WarbleError BAD_CURSOR */
export async function listAudit(ctx: Context, { cursor, limit }: PageInput): Promise<Page<AuditEntry>> {
  const after = decodeCursor(cursor, AuditCursor)?.number;
  return fillPage<AuditRecord, AuditEntry>({
    limit,
    read: (last, count) => {
      const before = last?.number ?? after;
      return AuditModel.find(before === undefined ? {} : { number: { $lt: before } })
        .sort({ number: -1 })
        .limit(count)
        .lean();
    },
    show: (rows) => showAudit(ctx, rows),
    cursorOf: (row) => encodeCursor({ number: row.number }),
  });
}

/** What was done to one thing, the latest first, so many rows at most. */
export async function listActionsOn(
  ctx: Context,
  target: Pick<AuditRecord, "targetType" | "targetId">,
  count: number,
): Promise<AuditEntry[]> {
  const rows = await AuditModel.find(target).sort({ number: -1 }).limit(count).lean();
  return showAudit(ctx, rows);
}

async function showAudit(ctx: Context, rows: AuditRecord[]): Promise<AuditEntry[]> {
  const cards = await loadCards(
    ctx,
    rows.flatMap((row) => row.actorId ?? []),
    "profile",
  );
  return rows.map((row) => ({
    id: String(row._id),
    actor: cards.get(String(row.actorId)) ?? null,
    action: row.action,
    targetType: row.targetType,
    targetId: String(row.targetId),
    reason: row.reason,
    createdAt: row.createdAt.toISOString(),
  }));
}
