import type { Passkey, PasskeyCreation, PasskeyRequest } from "@warble/contracts";
import type { App } from "../../platform/context";
import type { ObjectId } from "../../platform/id";
import type { UserRecord } from "../users/user.service";
import type { PasskeyRecord } from "./passkey.model";

/** The signatures that passkeys may make: Ed25519, ECDSA on P-256, and RSA. */
export const ALGORITHMS = [-8, -7, -257];

/** A passkey as its owner sees it. */
export const showPasskey = ({ _id, name, createdAt, lastUsedAt }: PasskeyRecord): Passkey => ({
  id: String(_id),
  name,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});

/** Whom passkeys are made for: the host of the web app, on its pages and those of the other frontends. */
export const relyingParty = ({ config, webUrl, publicUrl }: App): { id: string; origins: string[] } => ({
  id: new URL(webUrl).hostname,
  origins: [new URL(webUrl).origin, new URL(publicUrl).origin, ...config.corsOrigins],
});

/** What a passkey calls its user. */
export const handleOf = (userId: ObjectId): string =>
  Buffer.from(userId.toHexString(), "hex").toString("base64url");

const timeoutOf = ({ config }: App): number => config.policy.challengeTtl * 1000;

/** How a browser is asked to make a passkey for a user who has some already. */
export const showCreation = (
  app: App,
  challenge: string,
  { user, known }: { user: UserRecord; known: PasskeyRecord[] },
): PasskeyCreation => ({
  challengeId: challenge,
  options: {
    challenge,
    rp: { id: relyingParty(app).id, name: "Warble" },
    user: { id: handleOf(user._id), name: user.username, displayName: user.displayName },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    timeout: timeoutOf(app),
    attestation: "none",
    authenticatorSelection: {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    },
    excludeCredentials: known.map(({ credentialId, transports }) => ({
      type: "public-key",
      id: credentialId,
      transports,
    })),
  },
});

/** How a browser is asked for a passkey, whosever it is. */
export const showRequest = (app: App, challenge: string): PasskeyRequest => ({
  challengeId: challenge,
  options: {
    challenge,
    rpId: relyingParty(app).id,
    timeout: timeoutOf(app),
    userVerification: "required",
  },
});
