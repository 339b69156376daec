import type { FilterAction, FilterKind } from "@warble/contracts";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** Something that people are not to write, or register with. */
export interface FilterRecord extends Stored {
  kind: FilterKind;
  value: string;
  /** The value in the one spelling in which it is looked for. */
  key: string;
  action: FilterAction;
  createdAt: Date;
}

const schema = schemaOf<FilterRecord>({
  kind: { type: String, required: true },
  value: { type: String, required: true },
  key: { type: String, required: true },
  action: { type: String, required: true },
  createdAt: { type: Date, required: true },
});
schema.index({ kind: 1, key: 1 }, { unique: true });

export const FilterModel = modelOf<FilterRecord>("Filter", schema, "filters");
