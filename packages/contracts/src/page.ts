import { z } from "zod";
import { LIMITS } from "./limits";

/** Which page of a list: leave `cursor` out for the first, then pass `nextCursor` back as it came. */
export const PageInput = z.strictObject({
  cursor: z.string().min(1).max(LIMITS.cursor).optional(),
  limit: z.int().min(1).max(LIMITS.pageMax).default(LIMITS.pageDefault),
});
export type PageInput = z.infer<typeof PageInput>;

/** One page of a list. */
export interface Page<T> {
  items: T[];
  /** Where the next page begins; null at the end. */
  nextCursor: string | null;
}

/** The schema of a page of `item`. */
export const pageOf = <T>(item: z.ZodType<T>): z.ZodType<Page<T>> =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
