import { z } from "zod";
import { LIMITS } from "./limits";
import { Id, Time, text } from "./scalar";

export const DeleteAccount = z.strictObject({ password: text(LIMITS.passwordMax).min(1) });
export type DeleteAccount = z.infer<typeof DeleteAccount>;

export const ExportState = z.enum(["making", "ready", "failed"]);
export type ExportState = z.infer<typeof ExportState>;

/** A file of all that is somebody's: a zip of JSON lines, to be had at `/exports/<id>` once it is ready. */
export interface DataExport {
  id: string;
  state: ExportState;
  /** How large the file is; null until it is ready. */
  bytes: number | null;
  createdAt: string;
  /** When it is removed. */
  expiresAt: string;
}
export const DataExport: z.ZodType<DataExport> = z.strictObject({
  id: Id,
  state: ExportState,
  bytes: z.int().min(0).nullable(),
  createdAt: Time,
  expiresAt: Time,
});
