import type { Report, ReportCase } from "@warble/contracts";
import { loadPeople } from "./person.view";
import type { CaseRecord, ReportRecord } from "./report.model";

/** Cases as moderators see them, in order. */
export async function showCases(records: CaseRecord[]): Promise<ReportCase[]> {
  const people = await loadPeople(
    records.flatMap(({ userId, assigneeId, resolved }) =>
      [userId, assigneeId ?? [], resolved?.byId ?? []].flat(),
    ),
  );
  return records.map(({ _id, targetType, targetId, resolved, ...record }) => ({
    id: String(_id),
    targetType,
    targetId: String(targetId),
    user: people.get(String(record.userId)) ?? null,
    status: record.status,
    assignee: people.get(String(record.assigneeId)) ?? null,
    reasons: record.reasons,
    reports: record.reports,
    createdAt: record.createdAt.toISOString(),
    resolved: resolved && {
      action: resolved.action,
      by: people.get(String(resolved.byId)) ?? null,
      reason: resolved.reason,
      note: resolved.note,
      strikeId: resolved.strikeId && String(resolved.strikeId),
      createdAt: resolved.createdAt.toISOString(),
    },
  }));
}

/** Single reports as moderators see them, in order. */
export async function showReports(records: ReportRecord[]): Promise<Report[]> {
  const people = await loadPeople(records.flatMap(({ reporterId }) => reporterId ?? []));
  return records.map(({ _id, reporterId, reason, note, evidence, createdAt }) => ({
    id: String(_id),
    reporter: people.get(String(reporterId)) ?? null,
    reason,
    note,
    evidence,
    createdAt: createdAt.toISOString(),
  }));
}
