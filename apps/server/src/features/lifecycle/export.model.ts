import type { ExportState } from "@warble/contracts";
import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** A file of somebody's data; its content is stored under the same id. */
export interface ExportRecord extends Stored {
  userId: ObjectId;
  state: ExportState;
  bytes: number | null;
  createdAt: Date;
  expiresAt: Date;
}

const schema = schemaOf<ExportRecord>({
  userId: { type: Schema.Types.ObjectId, required: true },
  state: { type: String, required: true },
  bytes: { type: Number, default: null },
  createdAt: { type: Date, required: true },
  expiresAt: { type: Date, required: true },
});
schema.index({ userId: 1, _id: -1 });
// One at a time.
schema.index({ userId: 1 }, { unique: true, partialFilterExpression: { state: "making" } });

export const ExportModel = modelOf<ExportRecord>("Export", schema, "exports");
