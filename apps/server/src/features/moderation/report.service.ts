import type { CreateReport, Reported } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { type Found, readEvidence, requireSeenPost } from "./evidence.service";
import { CaseModel, type CaseRecord, openKeyOf, ReportModel, type ReportRecord } from "./report.model";

/** What is reported, by whom, and why. */
interface NewReport {
  target: Pick<CaseRecord, "targetType" | "targetId">;
  reporterId: ObjectId | null;
  said: Pick<ReportRecord, "reason" | "note">;
}

/**
 * Reports something that the viewer may see to the moderators, with how it looks at this moment. While it is looked
 * into, the same again is the same report.
 * @throws WarbleError SELF_TARGET, USER_NOT_FOUND, TWEET_NOT_FOUND, COMMENT_NOT_FOUND, MESSAGE_NOT_FOUND
 */
export async function report(ctx: ViewerContext, input: CreateReport): Promise<Reported> {
  await requireSeenPost(ctx, input);
  const { targetType, targetId, reason, note } = input;
  const { _id, createdAt } = await fileReport(
    {
      target: { targetType, targetId: oid(targetId) },
      reporterId: oid(ctx.viewer.id),
      said: { reason, note },
    },
    async () => {
      const found = await readEvidence(ctx, input);
      if (String(found.userId) === ctx.viewer.id) throw new WarbleError("SELF_TARGET");
      return found;
    },
  );
  return { id: String(_id), createdAt: createdAt.toISOString() };
}

/** Stores a report with the evidence of the same moment, in the open case of what it is about. */
export function fileReport(report: NewReport, find: () => Promise<Found>): Promise<ReportRecord> {
  const file = () => transaction(async () => store(report, await find()));
  // Somebody else, or the same one, was quicker.
  return file().catch((error: unknown) => (isDuplicate(error) ? file() : Promise.reject(error)));
}

async function store({ target, reporterId, said }: NewReport, found: Found): Promise<ReportRecord> {
  const openKey = openKeyOf(target);
  const open = await CaseModel.findOne({ openKey }).lean();
  const same = open && (await ReportModel.findOne({ caseId: open._id, reporterId }).lean());
  if (same) return same;
  const [_id, createdAt] = [newId(), now()];
  const { userId, evidence } = found;
  const record: ReportRecord = {
    _id,
    caseId: open?._id ?? _id,
    reporterId,
    ...said,
    evidence,
    createdAt,
  };
  await ReportModel.insertMany([record]);
  const change = { $inc: { reports: 1 }, $addToSet: { reasons: said.reason } };
  if (open) await CaseModel.updateOne({ _id: open._id }, change);
  else
    await CaseModel.insertMany([
      {
        _id,
        ...target,
        userId,
        openKey,
        status: "open",
        reasons: [said.reason],
        reports: 1,
        createdAt,
      },
    ]);
  return record;
}
