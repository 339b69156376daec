import { z } from "zod";
import { LIMITS } from "./limits";
import { Id, Time, text } from "./scalar";

/** A tweet with all that stands under it. Without `until`, for good. */
export const MuteThread = z.strictObject({ id: Id, until: Time.optional() });
export type MuteThread = z.infer<typeof MuteThread>;

/** A word, a #tag or a phrase, however it is written. Without `until`, for good. */
export const MuteWord = z.strictObject({
  word: text(LIMITS.mutedWord).trim().min(1),
  until: Time.optional(),
});
export type MuteWord = z.infer<typeof MuteWord>;

/** A word or phrase that does not come to the viewer unasked. */
export interface MutedWord {
  id: string;
  word: string;
  /** When it ends by itself; null is never. */
  until: string | null;
}
export const MutedWord: z.ZodType<MutedWord> = z.strictObject({
  id: Id,
  word: z.string(),
  until: Time.nullable(),
});
