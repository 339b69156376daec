import type { PasskeyAssertion, PasskeyProof, PasskeyRegistration } from "@warble/contracts";
import { now } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import type { ObjectId } from "../../platform/id";
import { takeChallenge } from "./challenge.service";
import { PasskeyModel, type PasskeyRecord } from "./passkey.model";
import { ALGORITHMS, handleOf, relyingParty } from "./passkey.view";
import type { UseFactor } from "./totp.service";

// Loaded at the first passkey: it brings so much along that no start should wait for it.
const library = () => import("@simplewebauthn/server");
const helpers = () => import("@simplewebauthn/server/helpers");

/** What is stored of a passkey that a browser has just made; null when it is not as asked for. */
export async function verifyRegistration(
  ctx: Context,
  challenge: string,
  { id, rawId, type, response }: PasskeyRegistration,
): Promise<Pick<PasskeyRecord, "credentialId" | "publicKey" | "counter" | "transports"> | null> {
  const { clientDataJSON, transports = [] } = response;
  const { verifyRegistrationResponse } = await library();
  return orNull(ctx, async () => {
    const attestationObject = await withoutStatement(response.attestationObject);
    const { registrationInfo } = await verifyRegistrationResponse({
      ...expected(ctx, challenge),
      supportedAlgorithmIDs: ALGORITHMS,
      response: {
        id,
        rawId,
        type,
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject },
      },
    });
    if (!registrationInfo) return null;
    const { credential } = registrationInfo;
    const publicKey = Buffer.from(credential.publicKey).toString("base64url");
    return { credentialId: credential.id, publicKey, counter: credential.counter, transports };
  });
}

/**
 * Who made the authenticator is not asked for, so what it says of that is taken off unread: checking it would mean to
 * fetch revocation lists from wherever a stranger's certificate says.
 */
async function withoutStatement(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await helpers();
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get("authData");
  const bare = new Map<string, string | Uint8Array | Map<string, string>>([
    ["fmt", "none"],
    ["attStmt", new Map()],
    ["authData", authData],
  ]);
  return isoBase64URL.fromBuffer(isoCBOR.encode(bare));
}

/**
 * Finds out whose passkey has answered a challenge; with `userId`, only whether it is theirs.
 * @returns whose it is, and what uses the answer up: a passkey that is removed or copied meanwhile throws BAD_PASSKEY
 * @throws WarbleError BAD_PASSKEY
 */
export async function provePasskey(
  ctx: Context,
  { challengeId, response }: PasskeyProof,
  userId?: ObjectId,
): Promise<{ userId: ObjectId; use: UseFactor }> {
  const passkey = (await takeChallenge(challengeId, null))
    ? await PasskeyModel.findOne({ credentialId: response.id, ...(userId && { userId }) }).lean()
    : null;
  // Who has not said who they are otherwise must be named by the passkey.
  const handle = response.response.userHandle ?? (userId && handleOf(userId));
  const counter =
    passkey && handle === handleOf(passkey.userId)
      ? await verifyAssertion(ctx, challengeId, { passkey, response })
      : null;
  if (!passkey || counter === null) throw new WarbleError("BAD_PASSKEY");
  const use = async () => {
    const used = await PasskeyModel.updateOne(
      { _id: passkey._id, counter: counter === 0 ? 0 : { $lt: counter } },
      { counter, lastUsedAt: now() },
    );
    if (used.matchedCount === 0) throw new WarbleError("BAD_PASSKEY");
  };
  return { userId: passkey.userId, use };
}

/** How often the passkey has signed by now; null when this is not its signature, or it has gone back. */
async function verifyAssertion(
  ctx: Context,
  challenge: string,
  { passkey, response: given }: { passkey: PasskeyRecord; response: PasskeyAssertion },
): Promise<number | null> {
  const { id, rawId, type, response } = given;
  const { clientDataJSON, authenticatorData, signature } = response;
  const { verifyAuthenticationResponse } = await library();
  return orNull(ctx, async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      ...expected(ctx, challenge),
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
        counter: passkey.counter,
      },
      response: {
        id,
        rawId,
        type,
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
    });
    return verified ? authenticationInfo.newCounter : null;
  });
}

function expected(ctx: Context, expectedChallenge: string) {
  const { id, origins } = relyingParty(ctx);
  return {
    expectedChallenge,
    expectedOrigin: origins,
    expectedRPID: id,
    requireUserVerification: true,
  };
}

/** The library throws whatever it finds wrong with what a stranger sent. */
async function orNull<T>({ log, requestId }: Context, check: () => Promise<T | null>): Promise<T | null> {
  try {
    return await check();
  } catch (error) {
    log.info({ requestId, err: error }, "passkey refused");
    return null;
  }
}
