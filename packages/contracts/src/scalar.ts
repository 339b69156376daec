import { z } from "zod";
import { LIMITS } from "./limits";

const isStorable = (text: string) => text.isWellFormed() && !text.includes("\0");

/** Text that can be stored as it is: well-formed UTF-16, no NUL, at most `max` code points. */
export const text = (max: number) =>
  z
    .string()
    .max(max * 2)
    .refine(isStorable, "must be well-formed text without NUL")
    .refine((value) => [...value].length <= max, `must be at most ${max} characters`)
    // JSON Schema counts code points, as we do.
    .meta({ maxLength: max });

/** An id: 24 hexadecimal digits. */
export const Id = z.string().regex(/^[0-9a-f]{24}$/, "must be 24 hexadecimal digits");
export type Id = z.infer<typeof Id>;

/** A moment: ISO 8601 in UTC. */
export const Time = z.iso.datetime();

export const ById = z.strictObject({ id: Id });
export type ById = z.infer<typeof ById>;

/** Letters, digits and underscore; unique without case. */
export const Username = z
  .string()
  .regex(
    new RegExp(`^[A-Za-z0-9_]{${LIMITS.usernameMin},${LIMITS.usernameMax}}$`),
    `must be ${LIMITS.usernameMin} to ${LIMITS.usernameMax} letters, digits or underscores`,
  );

export const ByUsername = z.strictObject({ username: Username });
export type ByUsername = z.infer<typeof ByUsername>;

/** The answer of a mutation that has nothing else to say. */
export interface Done {
  ok: true;
}
export const Done: z.ZodType<Done> = z.strictObject({ ok: z.literal(true) });
