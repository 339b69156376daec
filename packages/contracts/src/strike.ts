import { z } from "zod";
import { LIMITS } from "./limits";
import { ModeratedUser } from "./moderation";
import { PageInput } from "./page";
import { Id, Time, text } from "./scalar";

export const StrikeAction = z.enum(["warn", "remove", "suspend"]);
export type StrikeAction = z.infer<typeof StrikeAction>;

/** What a strike is about, as it was when it was made. */
export interface StrikeTarget {
  type: "tweet" | "comment" | "message";
  id: string;
  content: string;
}
const StrikeTarget: z.ZodType<StrikeTarget> = z.strictObject({
  type: z.enum(["tweet", "comment", "message"]),
  id: Id,
  content: z.string(),
});

/** What the user says against a strike, and what came of it. */
export interface Appeal {
  text: string;
  createdAt: string;
  state: "pending" | "upheld" | "overturned";
  /** What the moderator who decided says. */
  note: string;
  decidedAt: string | null;
}
const Appeal: z.ZodType<Appeal> = z.strictObject({
  text: z.string(),
  createdAt: Time,
  state: z.enum(["pending", "upheld", "overturned"]),
  note: z.string(),
  decidedAt: Time.nullable(),
});

/** What moderators did to somebody, and why. */
export interface Strike {
  id: string;
  action: StrikeAction;
  reason: string;
  /** Null when it is about the user as such. */
  target: StrikeTarget | null;
  /** When a suspension ends by itself. */
  until: string | null;
  createdAt: string;
  /** When it was taken back. */
  revokedAt: string | null;
  /** Until when it may be appealed against, once. */
  appealUntil: string;
  appeal: Appeal | null;
}
const strike = {
  id: Id,
  action: StrikeAction,
  reason: z.string(),
  target: StrikeTarget.nullable(),
  until: Time.nullable(),
  createdAt: Time,
  revokedAt: Time.nullable(),
  appealUntil: Time,
  appeal: Appeal.nullable(),
};
export const Strike: z.ZodType<Strike> = z.strictObject(strike);

/** A strike as moderators see it: whom it is against, and who made it. */
export interface ModeratedStrike extends Strike {
  user: ModeratedUser | null;
  by: ModeratedUser | null;
}
export const ModeratedStrike: z.ZodType<ModeratedStrike> = z.strictObject({
  ...strike,
  user: ModeratedUser.nullable(),
  by: ModeratedUser.nullable(),
});

export const ListStrikesOf = PageInput.extend({ userId: Id });
export type ListStrikesOf = z.infer<typeof ListStrikesOf>;

export const RevokeStrike = z.strictObject({
  strikeId: Id,
  /** For the audit log. */
  reason: text(LIMITS.moderationReason).trim().default(""),
});
export type RevokeStrike = z.infer<typeof RevokeStrike>;

const appealText = text(LIMITS.appeal).trim().min(1);

/** By the strike's id when signed in, or by the token of the mail. */
export const CreateAppeal = z.union([
  z.strictObject({ strikeId: Id, text: appealText }),
  z.strictObject({ token: text(512).min(1), text: appealText }),
]);
export type CreateAppeal = z.infer<typeof CreateAppeal>;

/** `id` is that of the strike; `note` is what the user is told. */
export const DecideAppeal = z.strictObject({
  id: Id,
  /** Whether the strike stays; otherwise what it did is undone. */
  uphold: z.boolean(),
  note: text(LIMITS.moderationReason).trim().default(""),
});
export type DecideAppeal = z.infer<typeof DecideAppeal>;
