import type {
  AssignReport,
  AuditAction,
  ByReportId,
  GetReport,
  ListReports,
  NoteReport,
  Page,
  Report,
  ReportCase,
  ReportDetails,
} from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { findUser } from "../users/user.service";
import { mayEnter } from "../visibility/visibility.service";
import { listActionsOn, recordAction } from "./audit.service";
import { showCases, showReports } from "./case.view";
import { RANK } from "./permission.service";
import { CaseModel, type CaseRecord, openKeyOf, ReportModel, type ReportRecord } from "./report.model";

const HISTORY = 100;

/** What was reported, but for what is the viewer's own: nobody learns who has reported them. @throws WarbleError BAD_CURSOR */
export function listCases(ctx: ViewerContext, input: ListReports): Promise<Page<ReportCase>> {
  const { status, assignedToMe, order, cursor, limit } = input;
  const start = decodeCursor(cursor, IdCursor);
  const me = oid(ctx.viewer.id);
  const where = { ...(status && { status }), ...(assignedToMe && { assigneeId: me }), userId: { $ne: me } };
  return fillPage<CaseRecord, ReportCase>({
    limit,
    read: (last, count) => {
      const from = last?._id ?? (start && oid(start.id));
      return CaseModel.find({
        ...where,
        ...(from && { _id: { [order === "newest" ? "$lt" : "$gt"]: from } }),
      })
        .sort({ _id: order === "newest" ? -1 : 1 })
        .limit(count)
        .lean();
    },
    show: showCases,
    cursorOf: ({ _id }) => encodeCursor({ id: String(_id) }),
  });
}

/** The reports on one thing, with their evidence, and what was done about them. @throws WarbleError REPORT_NOT_FOUND, BAD_CURSOR */
export async function getCase(ctx: ViewerContext, input: GetReport): Promise<ReportDetails> {
  const record = await requireCase(ctx, input.reportId);
  const all = await listReportsOf(record._id, input);
  const history = await listActionsOn(ctx, { targetType: "report", targetId: record._id }, HISTORY);
  return { ...(await showOne(record)), all, history };
}

function listReportsOf(caseId: ObjectId, { cursor, limit }: GetReport): Promise<Page<Report>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<ReportRecord, Report>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (start && oid(start.id));
      return ReportModel.find({ caseId, ...(before && { _id: { $lt: before } }) })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: showReports,
    cursorOf: ({ _id }) => encodeCursor({ id: String(_id) }),
  });
}

/**
 * Gives what was reported into somebody's hands, the viewer's own or nobody's.
 * @throws WarbleError REPORT_NOT_FOUND, ALREADY_SETTLED; USER_NOT_FOUND for who does not moderate, FORBIDDEN for whom it is about
 */
export function assignCase(ctx: ViewerContext, { reportId, to }: AssignReport): Promise<ReportCase> {
  const assignee = to === undefined ? ctx.viewer.id : to;
  return changeCase(ctx, reportId, async (record) => {
    if (record.status === "resolved") throw new WarbleError("ALREADY_SETTLED");
    if (String(record.assigneeId) === String(assignee)) return record;
    const name = assignee === null ? "nobody" : await requireStaff(record, assignee);
    await recordOn(ctx, record, { action: "assign", reason: name });
    return set(record, {
      status: assignee === null ? "open" : "assigned",
      assigneeId: assignee === null ? null : oid(assignee),
    });
  });
}

async function requireStaff(record: CaseRecord, id: string): Promise<string> {
  const user = await findUser({ id });
  if (!user || RANK[user.role] === RANK.user || !mayEnter(user)) throw new WarbleError("USER_NOT_FOUND");
  if (record.userId.equals(user._id)) throw new WarbleError("FORBIDDEN");
  return user.username;
}

/** Notes something for other moderators. @throws WarbleError REPORT_NOT_FOUND */
export const noteOnCase = (ctx: ViewerContext, { reportId, text }: NoteReport): Promise<ReportCase> =>
  changeCase(ctx, reportId, async (record) => {
    await recordOn(ctx, record, { action: "note", reason: text });
    return record;
  });

/**
 * Takes up again what was resolved; what was done then stays as it is.
 * @throws WarbleError REPORT_NOT_FOUND; ALREADY_SETTLED when it is open, or has been reported anew
 */
export const reopenCase = (ctx: ViewerContext, { reportId }: ByReportId): Promise<ReportCase> =>
  changeCase(ctx, reportId, async (record) => {
    if (record.status !== "resolved") throw new WarbleError("ALREADY_SETTLED");
    await recordOn(ctx, record, { action: "reopen", reason: "" });
    const status = record.assigneeId ? "assigned" : "open";
    return set(record, { status, resolved: null, openKey: openKeyOf(record) });
  }).catch((error: unknown) => {
    if (!isDuplicate(error)) throw error;
    throw new WarbleError("ALREADY_SETTLED", { message: "It has been reported anew: see the open report." });
  });

/** Changes a case in one transaction, and shows it as it is then. @throws WarbleError REPORT_NOT_FOUND */
export async function changeCase(
  ctx: ViewerContext,
  id: string,
  change: (record: CaseRecord) => Promise<CaseRecord>,
): Promise<ReportCase> {
  return showOne(await transaction(async () => change(await requireCase(ctx, id))));
}

async function set(record: CaseRecord, changes: Partial<CaseRecord>): Promise<CaseRecord> {
  await CaseModel.updateOne({ _id: record._id }, { $set: changes });
  return { ...record, ...changes };
}

/** Adds to what was done about a case. */
export const recordOn = (
  ctx: ViewerContext,
  { _id }: CaseRecord,
  what: { action: AuditAction; reason: string },
): Promise<void> =>
  recordAction({ actorId: oid(ctx.viewer.id), targetType: "report", targetId: _id, ...what });

async function requireCase({ viewer }: ViewerContext, id: string): Promise<CaseRecord> {
  const record = await CaseModel.findById(oid(id)).lean();
  if (!record || String(record.userId) === viewer.id) throw new WarbleError("REPORT_NOT_FOUND");
  return record;
}

async function showOne(record: CaseRecord): Promise<ReportCase> {
  const [shown] = await showCases([record]);
  if (!shown) throw new WarbleError("REPORT_NOT_FOUND");
  return shown;
}
