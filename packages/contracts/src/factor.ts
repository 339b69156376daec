import { z } from "zod";
import { Id, Time, text } from "./scalar";

/** A code of the authenticator app, or a recovery code; spaces, dashes and case do not matter. */
export const FactorCode = text(40).trim().min(1);

export const ByCode = z.strictObject({ code: FactorCode });
export type ByCode = z.infer<typeof ByCode>;

/** What a user has beside the password. */
export interface SecondFactor {
  /** Whether a password alone no longer signs in: a code is asked for, or a passkey. */
  totp: boolean;
  /** How many are left. */
  recoveryCodes: number;
  passkeys: number;
}
export const SecondFactor: z.ZodType<SecondFactor> = z.strictObject({
  totp: z.boolean(),
  recoveryCodes: z.int().min(0),
  passkeys: z.int().min(0),
});

/** What an authenticator app has to know; in force once `auth.enableTotp` has had a code of it, within ten minutes. */
export interface TotpStart {
  /** To type into the app: 160 bits in base32. */
  secret: string;
  /** To show as a QR code: `otpauth://totp/...`. */
  uri: string;
}
export const TotpStart: z.ZodType<TotpStart> = z.strictObject({ secret: z.string(), uri: z.string() });

/** Each signs in once in place of a code. They are shown this once. */
export interface RecoveryCodes {
  recoveryCodes: string[];
}
export const RecoveryCodes: z.ZodType<RecoveryCodes> = z.strictObject({ recoveryCodes: z.array(z.string()) });

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/, "must be base64url");

/** Which challenge is answered: pass it back as it came. It holds five minutes, for one answer. */
const ChallengeId = base64url(64);

const credential = {
  id: base64url(1400),
  rawId: base64url(1400),
  type: z.literal("public-key"),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).optional(),
  clientExtensionResults: z
    .strictObject({ credProps: z.strictObject({ rk: z.boolean().optional() }).optional() })
    .optional(),
};

/** What the browser answers to `navigator.credentials.create()`, as JSON. */
export const PasskeyRegistration = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: base64url(2048),
    attestationObject: base64url(8192),
    authenticatorData: base64url(8192).optional(),
    publicKey: base64url(4096).optional(),
    publicKeyAlgorithm: z.int().optional(),
    transports: z
      .array(z.string().regex(/^[a-z-]{1,20}$/))
      .max(10)
      .optional(),
  }),
});
export type PasskeyRegistration = z.infer<typeof PasskeyRegistration>;

/** What the browser answers to `navigator.credentials.get()`, as JSON. */
export const PasskeyAssertion = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: base64url(2048),
    authenticatorData: base64url(4096),
    signature: base64url(2048),
    userHandle: base64url(100).optional(),
  }),
});
export type PasskeyAssertion = z.infer<typeof PasskeyAssertion>;

export const AddPasskey = z.strictObject({
  challengeId: ChallengeId,
  response: PasskeyRegistration,
  /** What the list calls it, such as "Phone". */
  name: text(50).trim().min(1),
});
export type AddPasskey = z.infer<typeof AddPasskey>;

/** That somebody has a passkey: the answer to what `auth.beginPasskeyLogin` began. */
export const PasskeyProof = z.strictObject({ challengeId: ChallengeId, response: PasskeyAssertion });
export type PasskeyProof = z.infer<typeof PasskeyProof>;

export const LoginWithPasskey = PasskeyProof.extend({ device: text(100).optional() });
export type LoginWithPasskey = z.infer<typeof LoginWithPasskey>;

/** One of the viewer's passkeys. */
export interface Passkey {
  id: string;
  name: string;
  createdAt: string;
  /** Null when it has not signed in yet. */
  lastUsedAt: string | null;
}
export const Passkey: z.ZodType<Passkey> = z.strictObject({
  id: Id,
  name: z.string(),
  createdAt: Time,
  lastUsedAt: Time.nullable(),
});

/** What a browser needs to make a passkey. */
export interface PasskeyCreation {
  challengeId: string;
  /** For `startRegistration({ optionsJSON })` of @simplewebauthn/browser. */
  options: {
    challenge: string;
    rp: { id: string; name: string };
    user: { id: string; name: string; displayName: string };
    pubKeyCredParams: { type: "public-key"; alg: number }[];
    timeout: number;
    attestation: "none";
    authenticatorSelection: {
      residentKey: "required";
      requireResidentKey: true;
      userVerification: "required";
    };
    excludeCredentials: { type: "public-key"; id: string; transports: string[] }[];
  };
}
export const PasskeyCreation: z.ZodType<PasskeyCreation> = z.strictObject({
  challengeId: z.string(),
  options: z.strictObject({
    challenge: z.string(),
    rp: z.strictObject({ id: z.string(), name: z.string() }),
    user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
    pubKeyCredParams: z.array(z.strictObject({ type: z.literal("public-key"), alg: z.int() })),
    timeout: z.int(),
    attestation: z.literal("none"),
    authenticatorSelection: z.strictObject({
      residentKey: z.literal("required"),
      requireResidentKey: z.literal(true),
      userVerification: z.literal("required"),
    }),
    excludeCredentials: z.array(
      z.strictObject({ type: z.literal("public-key"), id: z.string(), transports: z.array(z.string()) }),
    ),
  }),
});

/** What a browser needs to ask for a passkey. It names nobody: whoever has one is asked which. */
export interface PasskeyRequest {
  challengeId: string;
  /** For `startAuthentication({ optionsJSON })` of @simplewebauthn/browser. */
  options: { challenge: string; rpId: string; timeout: number; userVerification: "required" };
}
export const PasskeyRequest: z.ZodType<PasskeyRequest> = z.strictObject({
  challengeId: z.string(),
  options: z.strictObject({
    challenge: z.string(),
    rpId: z.string(),
    timeout: z.int(),
    userVerification: z.literal("required"),
  }),
});
