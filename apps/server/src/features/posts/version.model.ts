import type { Entity } from "@warble/contracts";
import { Schema } from "mongoose";
import type { ObjectId } from "../../platform/id";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** What a post said before an edit. */
export interface VersionRecord extends Stored {
  postId: ObjectId;
  version: number;
  content: string;
  entities: Entity[];
  createdAt: Date;
}

const schema = schemaOf<VersionRecord>({
  postId: { type: Schema.Types.ObjectId, required: true },
  version: { type: Number, required: true },
  content: { type: String, required: true },
  entities: { type: [Schema.Types.Mixed] as never, default: [] },
  createdAt: { type: Date, required: true },
});
schema.index({ postId: 1, version: -1 }, { unique: true });

export const VersionModel = modelOf<VersionRecord>("PostVersion", schema, "postVersions");
