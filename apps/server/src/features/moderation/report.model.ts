import type { Evidence, ReportReason, ReportStatus, ReportTarget, Resolution } from "@warble/contracts";
import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** What one user has reported, with what it showed them. */
export interface ReportRecord extends Stored {
  caseId: ObjectId;
  /** Null for a filter of the operator; the report's own id when they have deleted their account. */
  reporterId: ObjectId | null;
  reason: ReportReason;
  note: string;
  evidence: Evidence;
  createdAt: Date;
}

const reportSchema = schemaOf<ReportRecord>({
  caseId: { type: Schema.Types.ObjectId, required: true },
  reporterId: { type: Schema.Types.ObjectId, default: null },
  reason: { type: String, required: true },
  note: { type: String, default: "" },
  evidence: { type: Schema.Types.Mixed as never, required: true },
  createdAt: { type: Date, required: true },
});
reportSchema.index({ caseId: 1, reporterId: 1 }, { unique: true });
reportSchema.index({ caseId: 1, _id: -1 });
reportSchema.index({ reporterId: 1 });

export const ReportModel = modelOf<ReportRecord>("Report", reportSchema, "reports");

/** All reports on one thing until it is resolved. Its id is that of the first of them. */
export interface CaseRecord extends Stored {
  targetType: ReportTarget;
  targetId: ObjectId;
  /** Whose it is. */
  userId: ObjectId;
  /** What it is about, until it is resolved: one case at a time. */
  openKey?: string;
  status: ReportStatus;
  assigneeId: ObjectId | null;
  reasons: ReportReason[];
  reports: number;
  createdAt: Date;
  resolved: ResolvedRecord | null;
}

interface ResolvedRecord {
  action: Resolution;
  byId: ObjectId;
  reason: string;
  note: string;
  strikeId: ObjectId | null;
  createdAt: Date;
}

const caseSchema = schemaOf<CaseRecord>({
  targetType: { type: String, required: true },
  targetId: { type: Schema.Types.ObjectId, required: true },
  userId: { type: Schema.Types.ObjectId, required: true },
  openKey: { type: String },
  status: { type: String, required: true },
  assigneeId: { type: Schema.Types.ObjectId, default: null },
  reasons: { type: [String] as never, required: true },
  reports: { type: Number, required: true, min: 1 },
  createdAt: { type: Date, required: true },
  resolved: {
    type: part({
      action: String,
      byId: Schema.Types.ObjectId,
      reason: String,
      note: String,
      strikeId: { type: Schema.Types.ObjectId, default: null },
      createdAt: Date,
    }),
    default: null,
  },
});
caseSchema.index({ openKey: 1 }, { unique: true, partialFilterExpression: { openKey: { $exists: true } } });
// The queue, and what is in one's own hands.
caseSchema.index({ status: 1, _id: -1 });
caseSchema.index({ assigneeId: 1, _id: -1 });

export const CaseModel = modelOf<CaseRecord>("ReportCase", caseSchema, "reportCases");

/** What a thing is known by while reports on it are open. */
export const openKeyOf = ({ targetType, targetId }: Pick<CaseRecord, "targetType" | "targetId">): string =>
  `${targetType}:${targetId}`;
