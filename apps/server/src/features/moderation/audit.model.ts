import type { AuditAction, AuditTarget } from "@warble/contracts";
import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** Who did what to whom, and why. Rows are added and never changed or taken away. */
export interface AuditRecord extends Stored {
  /** Null for the command on the server. */
  actorId: ObjectId | null;
  action: AuditAction;
  targetType: AuditTarget;
  targetId: ObjectId;
  reason: string;
  /** 1, 2, 3 ... without gaps, so that a missing row shows. */
  number: number;
  createdAt: Date;
}

const schema = schemaOf<AuditRecord>({
  actorId: { type: Schema.Types.ObjectId, default: null },
  action: { type: String, required: true },
  targetType: { type: String, required: true },
  targetId: { type: Schema.Types.ObjectId, required: true },
  reason: { type: String, default: "" },
  number: { type: Number, required: true },
  createdAt: { type: Date, required: true },
});
schema.index({ number: -1 }, { unique: true });
// What was done to one thing, the latest first.
schema.index({ targetId: 1, number: -1 });
schema.pre(["updateOne", "updateMany", "findOneAndUpdate", "replaceOne", "findOneAndReplace"], refuse);
schema.pre(["deleteOne", "deleteMany", "findOneAndDelete"], refuse);

function refuse(): never {
  throw new Error("the audit log only grows");
}

export const AuditModel = modelOf<AuditRecord>("Audit", schema, "audit");
