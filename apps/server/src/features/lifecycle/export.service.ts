import type { DataExport, Page, PageInput } from "@warble/contracts";
import { now, nowMs } from "../../platform/clock";
import type { App, ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { defineEvent } from "../../platform/events";
import { newId, type ObjectId, oid } from "../../platform/id";
import type { RunningJob } from "../../platform/jobs";
import { isDuplicate, transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage, IdCursor } from "../../platform/page";
import { findAccount, mailTo } from "../auth/account.service";
import { showExportReady } from "../auth/auth-mail.view";
import { requireFresh } from "../auth/session.service";
import { asViewer } from "../notifications/notify.service";
import { findUser } from "../users/user.service";
import { ExportModel, type ExportRecord } from "./export.model";
import { openArchive } from "./export-archive.service";
import { dropFile, storeFile } from "./export-file.service";

const LANE = "exports";
const JOB = "export.make";
const DAY_S = 24 * 3600;

/** The time to fetch an export is over. */
export const exportLapsed = defineEvent<{ exportId: string }>("export.lapsed");

/**
 * Has a file made of all that is the viewer's; while one is being made, it is that one.
 * @throws WarbleError REAUTH_REQUIRED; RATE_LIMITED when one was made lately
 */
export async function requestExport(ctx: ViewerContext): Promise<DataExport> {
  await requireFresh(ctx);
  const request = () => transaction(() => findOrStore(ctx));
  // Whoever loses a race sees who has won it.
  const record = await request().catch((error: unknown) => {
    if (isDuplicate(error)) return request();
    throw error;
  });
  return show(ctx, record);
}

async function findOrStore(ctx: ViewerContext): Promise<ExportRecord> {
  const userId = oid(ctx.viewer.id);
  const { exportEvery, exportKeptFor } = ctx.config.policy;
  const latest = await ExportModel.findOne({ userId }).sort({ _id: -1 }).lean();
  const wait = latest ? latest.createdAt.getTime() + exportEvery * 1000 - nowMs() : 0;
  if (latest && wait > 0) {
    if (latest.state === "making") return latest;
    const message = "You have had a file of your data made lately: fetch that one, or ask again later.";
    throw new WarbleError("RATE_LIMITED", { message, retryAfter: Math.ceil(wait / 1000) });
  }
  await ExportModel.updateMany({ userId, state: "making" }, { state: "failed" });
  const [at, expiresAt] = [now(), new Date(nowMs() + exportKeptFor * 1000)];
  const record: ExportRecord = {
    _id: newId(),
    userId,
    state: "making",
    bytes: null,
    createdAt: at,
    expiresAt,
  };
  await ExportModel.insertMany([record], { lean: true });
  const exportId = String(record._id);
  const job = { name: JOB, lane: LANE, payload: { exportId } };
  await ctx.jobs.add([{ ...job, expiresAt: new Date(nowMs() + exportEvery * 1000) }]);
  await ctx.jobs.emit(exportLapsed, { exportId }, { runAt: expiresAt });
  return record;
}

/** The files of the viewer's data that are kept or made, the latest first. @throws WarbleError BAD_CURSOR */
export function listExports(ctx: ViewerContext, { cursor, limit }: PageInput): Promise<Page<DataExport>> {
  const start = decodeCursor(cursor, IdCursor);
  return fillPage<ExportRecord, DataExport>({
    limit,
    read: (last, count) => {
      const before = last?._id ?? (start && oid(start.id));
      const mine = { userId: oid(ctx.viewer.id), expiresAt: { $gt: now() } };
      return ExportModel.find({ ...mine, ...(before && { _id: { $lt: before } }) })
        .sort({ _id: -1 })
        .limit(count)
        .lean();
    },
    show: async (rows) => rows.map((row) => show(ctx, row)),
    cursorOf: (row) => encodeCursor({ id: String(row._id) }),
  });
}

/** What is not made in time never is: its job has failed too often, or was never done. */
const show = ({ config }: App, { _id, state, bytes, createdAt, expiresAt }: ExportRecord): DataExport => {
  const late = nowMs() - createdAt.getTime() > config.policy.exportEvery * 1000;
  return {
    id: String(_id),
    state: state === "making" && late ? "failed" : state,
    bytes,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
};

/** Somebody's own file, once it can be fetched. */
export const findReady = (userId: string, id: string): Promise<ExportRecord | null> =>
  ExportModel.findOne({
    _id: oid(id),
    userId: oid(userId),
    state: "ready",
    expiresAt: { $gt: now() },
  }).lean();

/** Makes files in a lane of their own: they hold up nothing else. */
export function startExports(app: App): void {
  app.jobs.handle(JOB, ({ exportId }: { exportId: string }, job) => makeExport(app, oid(exportId), job));
  app.jobs.start([LANE]);
}

/** Makes a file, from the beginning: what a try before has left is removed. */
async function makeExport(app: App, id: ObjectId, { keep }: RunningJob): Promise<void> {
  const record = await ExportModel.findById(id).lean();
  const viewer = record && (await asViewer(String(record.userId)));
  if (record?.state === "ready") return;
  await dropFile(id);
  if (!viewer || record.state !== "making") return;
  const ctx = { ...app, viewer, requestId: JOB, ip: "", userAgent: "", expiresAt: null, badToken: false };
  const bytes = await storeFile(id, openArchive({ ...ctx, setHeader: () => undefined }, keep));
  const isKept = await transaction(() => finish(app, record, bytes));
  if (!isKept) await dropFile(id);
}

/** @returns whether it is still wanted: its owner may be gone */
async function finish(app: App, { _id, userId }: ExportRecord, bytes: number): Promise<boolean> {
  const done = await ExportModel.updateOne({ _id, state: "making" }, { state: "ready", bytes });
  const [user, account] = [await findUser({ id: String(userId) }), await findAccount(userId)];
  if (done.modifiedCount === 0 || !user || !account) return false;
  const days = Math.round(app.config.policy.exportKeptFor / DAY_S);
  await mailTo(app, { user, account }, showExportReady(user.username, days));
  return true;
}

/** Removes a file and its record. */
export async function removeExport(id: ObjectId): Promise<void> {
  await ExportModel.deleteOne({ _id: id });
  await dropFile(id);
}

/** Removes one of a user's files. @returns whether there may be more */
export async function removeSomeExports(_app: App, userId: ObjectId): Promise<boolean> {
  const record = await ExportModel.findOne({ userId }, { _id: 1 }).lean();
  if (record) await removeExport(record._id);
  return record !== null;
}
