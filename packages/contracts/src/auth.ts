import { z } from "zod";
import type { ReasonTable } from "./error";
import { FactorCode, PasskeyProof } from "./factor";
import { LIMITS } from "./limits";
import { Id, Time, text, Username } from "./scalar";
import { Me } from "./user";

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

function isEmail(address: string): boolean {
  const at = address.indexOf("@");
  const local = address.slice(0, at);
  return at > 0 && local.length <= 64 && LOCAL_PART.test(local) && DOMAIN.test(address.slice(at + 1));
}

/** One plain e-mail address, normalised (NFKC) before it is checked. */
export const Email = z
  .string()
  .max(254)
  .transform((address) => address.normalize("NFKC").trim())
  .refine((address) => address.length <= 254 && isEmail(address), "must be one plain e-mail address");

/** A new password: length is all that is asked of it here; common ones are refused by the server. */
export const Password = text(LIMITS.passwordMax).refine(
  (password) => [...password].length >= LIMITS.passwordMin,
  `must be at least ${LIMITS.passwordMin} characters`,
);

const GivenPassword = text(LIMITS.passwordMax).min(1);
const Secret = text(512).min(1);

export const Register = z.strictObject({
  username: Username,
  email: Email,
  password: Password,
  displayName: text(LIMITS.displayName).trim().min(1).optional(),
});
export type Register = z.infer<typeof Register>;

export const Login = z.strictObject({
  /** Username, or e-mail address once it is verified. */
  identifier: text(254).trim().min(1),
  password: GivenPassword,
  /** What the session list calls this sign-in, such as "Firefox on Linux". */
  device: text(100).optional(),
  /** A code of the authenticator app or a recovery code, where SECOND_FACTOR_REQUIRED asks for one. */
  code: FactorCode.optional(),
  /** A passkey in place of the code. */
  passkey: PasskeyProof.optional(),
});
export type Login = z.infer<typeof Login>;

/** The token of a mailed link. */
export const ByToken = z.strictObject({ token: Secret });
export const Refresh = z.strictObject({ refreshToken: Secret });
export const RequestPasswordReset = z.strictObject({ email: Email });
export const VerifyPasswordResetCode = z.strictObject({
  email: Email,
  /** The six digits from the mail. */
  code: z.string().regex(/^\d{6}$/, "must be six digits"),
});
export type VerifyPasswordResetCode = z.infer<typeof VerifyPasswordResetCode>;
export const ResetPassword = z.strictObject({ ticket: Secret, password: Password });
export type ResetPassword = z.infer<typeof ResetPassword>;
export const ChangePassword = z.strictObject({ currentPassword: GivenPassword, password: Password });
export type ChangePassword = z.infer<typeof ChangePassword>;
export const ConfirmPassword = z.strictObject({ password: GivenPassword });
export const RequestEmailChange = z.strictObject({ email: Email, password: GivenPassword });
export type RequestEmailChange = z.infer<typeof RequestEmailChange>;

/** What a signed-in client holds. */
export interface Tokens {
  /** Sent as `authorization: Bearer ...`; lives ten minutes. */
  accessToken: string;
  /** Exchanged once, by `auth.refresh`, for the next pair. */
  refreshToken: string;
  accessExpiresAt: string;
  refreshExpiresAt: string;
}
export const Tokens: z.ZodType<Tokens> = z.strictObject({
  accessToken: z.string(),
  refreshToken: z.string(),
  accessExpiresAt: Time,
  refreshExpiresAt: Time,
});

/** The answer to a sign-in. */
export interface SignedIn {
  user: Me;
  tokens: Tokens;
}
export const SignedIn: z.ZodType<SignedIn> = z.strictObject({ user: Me, tokens: Tokens });

/** Proof of a right code: pass it to `auth.resetPassword` within ten minutes, once. */
export interface ResetTicket {
  ticket: string;
}
export const ResetTicket: z.ZodType<ResetTicket> = z.strictObject({ ticket: z.string() });

/** One signed-in device. */
export interface Session {
  id: string;
  device: string;
  /** Network of the last use, coarse: the last part is hidden. */
  ip: string;
  /** Country of that network, as its ISO 3166 code, by the registries; null when unknown. */
  place: string | null;
  createdAt: string;
  lastUsedAt: string;
  /** Whether this very call came from it. */
  current: boolean;
}
export const Session: z.ZodType<Session> = z.strictObject({
  id: Id,
  device: z.string(),
  ip: z.string(),
  place: z.string().length(2).nullable(),
  createdAt: Time,
  lastUsedAt: Time,
  current: z.boolean(),
});

/** What each may fail with, beside what any call may. */
export const AUTH_REASONS = {
  "auth.me": [],
  "auth.sessions": ["BAD_CURSOR"],
  "auth.register": ["USERNAME_TAKEN", "WEAK_PASSWORD", "ADDRESS_REFUSED", "CONTENT_REFUSED"],
  "auth.verifyEmail": ["BAD_TOKEN"],
  "auth.resendVerification": ["NO_CHANGE"],
  "auth.login": ["BAD_CREDENTIALS", "SECOND_FACTOR_REQUIRED", "BAD_CODE", "BAD_PASSKEY", "ACCOUNT_SUSPENDED"],
  "auth.refresh": [],
  "auth.logout": [],
  "auth.logoutOthers": [],
  "auth.revokeSession": ["SESSION_NOT_FOUND"],
  "auth.requestPasswordReset": [],
  "auth.verifyPasswordResetCode": ["BAD_CODE"],
  "auth.resetPassword": ["BAD_TOKEN", "WEAK_PASSWORD", "CONFLICT"],
  "auth.changePassword": ["BAD_CREDENTIALS", "NO_CHANGE", "WEAK_PASSWORD", "CONFLICT"],
  "auth.confirmPassword": ["BAD_CREDENTIALS"],
  "auth.requestEmailChange": ["BAD_CREDENTIALS", "NO_CHANGE", "ADDRESS_REFUSED", "CONFLICT"],
  "auth.confirmEmailChange": ["BAD_TOKEN"],
  "auth.undoEmailChange": ["BAD_TOKEN", "CONFLICT"],
  "auth.beginTotp": ["REAUTH_REQUIRED", "CONFLICT"],
  "auth.enableTotp": ["REAUTH_REQUIRED", "BAD_CODE", "CONFLICT"],
  "auth.disableTotp": ["REAUTH_REQUIRED", "BAD_CODE", "NO_CHANGE", "CONFLICT"],
  "auth.renewRecoveryCodes": ["REAUTH_REQUIRED", "BAD_CODE", "NO_CHANGE", "CONFLICT"],
  "auth.passkeys": ["BAD_CURSOR"],
  "auth.beginPasskey": ["REAUTH_REQUIRED", "CONFLICT"],
  "auth.addPasskey": ["REAUTH_REQUIRED", "BAD_PASSKEY", "CONFLICT"],
  "auth.removePasskey": ["REAUTH_REQUIRED", "PASSKEY_NOT_FOUND", "CONFLICT"],
  "auth.beginPasskeyLogin": [],
  "auth.loginWithPasskey": ["BAD_PASSKEY", "ACCOUNT_SUSPENDED", "CONFLICT"],
} as const satisfies ReasonTable;
