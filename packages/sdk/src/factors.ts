import type {
  Passkey,
  PasskeyCreation,
  PasskeyProof,
  PasskeyRegistration,
  TotpStart,
} from "@warble/contracts";
import type { ApiClient } from "./client";

/** What a browser answers when it has made a passkey: what `startRegistration` returns, or `toJSON()`. */
export interface MadePasskey {
  id: string;
  rawId: string;
  response: { clientDataJSON: string; attestationObject: string; transports?: string[] };
}

/** The answer to `beginPasskeyLogin`: `response` is what `startAuthentication` returns, or `toJSON()`. */
export interface GivenPasskey {
  challengeId: string;
  response: {
    id: string;
    rawId: string;
    response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string };
  };
}

/**
 * The authenticator app and the passkeys of the signed-in user. What changes them needs a password given lately:
 * after REAUTH_REQUIRED, `auth.confirmPassword` and again.
 */
export class Factors {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /**
   * Makes the secret of an authenticator app: show `uri` as a QR code, then pass the app's code to `enableTotp`.
   * @throws WarbleError REAUTH_REQUIRED, CONFLICT when an app is in use
   */
  beginTotp(): Promise<TotpStart> {
    return this.#api.auth.beginTotp.mutate();
  }

  /**
   * Has signing in with the password take a code from now on.
   * @returns the recovery codes, each of which signs in once in place of a code: they are not shown again
   * @throws WarbleError BAD_CODE, REAUTH_REQUIRED
   */
  async enableTotp(code: string): Promise<string[]> {
    return (await this.#api.auth.enableTotp.mutate({ code })).recoveryCodes;
  }

  /** Takes the app away, by a code of it or a recovery code. @throws WarbleError BAD_CODE, NO_CHANGE, REAUTH_REQUIRED */
  async disableTotp(code: string): Promise<void> {
    await this.#api.auth.disableTotp.mutate({ code });
  }

  /** Makes new recovery codes; those before are dead. @throws WarbleError BAD_CODE, NO_CHANGE, REAUTH_REQUIRED */
  async renewRecoveryCodes(code: string): Promise<string[]> {
    return (await this.#api.auth.renewRecoveryCodes.mutate({ code })).recoveryCodes;
  }

  /** The passkeys, the newest first. */
  async passkeys(): Promise<Passkey[]> {
    return (await this.#api.auth.passkeys.query({ limit: 100 })).items;
  }

  /**
   * Begins to add a passkey. The browser makes it, for example by @simplewebauthn/browser:
   * @example
   * const { challengeId, options } = await warble.factors.beginPasskey();
   * const response = await startRegistration({ optionsJSON: options });
   * await warble.factors.addPasskey({ challengeId, response, name: "Phone" });
   * @throws WarbleError REAUTH_REQUIRED
   */
  beginPasskey(): Promise<PasskeyCreation> {
    return this.#api.auth.beginPasskey.mutate();
  }

  /** Adds what the browser has made. @throws WarbleError BAD_PASSKEY, REAUTH_REQUIRED, CONFLICT when there are too many */
  addPasskey(input: { challengeId: string; response: MadePasskey; name: string }): Promise<Passkey> {
    return this.#api.auth.addPasskey.mutate({ ...input, response: registrationOf(input.response) });
  }

  /** Removes a passkey: it does not sign in any more. @throws WarbleError PASSKEY_NOT_FOUND, REAUTH_REQUIRED */
  async removePasskey(id: string): Promise<void> {
    await this.#api.auth.removePasskey.mutate({ id });
  }
}

// Browsers and password managers add to what they answer as they like; the server takes what it knows.

const registrationOf = ({ id, rawId, response }: MadePasskey): PasskeyRegistration => {
  const { clientDataJSON, attestationObject, transports } = response;
  return { id, rawId, type: "public-key", response: { clientDataJSON, attestationObject, transports } };
};

/** What the server takes of a browser's answer. */
export const proofOf = ({ challengeId, response: given }: GivenPasskey): PasskeyProof => {
  const { id, rawId, response } = given;
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  const answer = { clientDataJSON, authenticatorData, signature, userHandle: userHandle || undefined };
  return { challengeId, response: { id, rawId, type: "public-key", response: answer } };
};
