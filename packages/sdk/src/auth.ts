import type {
  ChangePassword,
  DataExport,
  Session as Device,
  Login,
  Me,
  PasskeyRequest,
  RequestEmailChange,
  ResetPassword,
  SignedIn,
  Tokens,
} from "@warble/contracts";
import type { ApiClient } from "./client";
import { isWarbleError } from "./error";
import { type GivenPasskey, proofOf } from "./factors";
import type { Session, SessionListener } from "./session";

interface AuthOptions {
  /** Signs its calls with the session. */
  api: ApiClient;
  /** Does not. */
  anonymous: ApiClient;
  session: Session;
  /** Fetches what no procedure answers. */
  download: (path: string) => Promise<Response>;
}

/** Signing up, in and out. The session is kept and refreshed by itself. */
export class Auth {
  readonly #api: ApiClient;
  readonly #anonymous: ApiClient;
  readonly #session: Session;
  readonly #download: AuthOptions["download"];

  constructor({ api, anonymous, session, download }: AuthOptions) {
    this.#download = download;
    this.#api = api;
    this.#anonymous = anonymous;
    this.#session = session;
  }

  /** Makes an account and mails a link that verifies the address. @throws WarbleError USERNAME_TAKEN, WEAK_PASSWORD, BAD_INPUT */
  async register(input: {
    username: string;
    email: string;
    password: string;
    displayName?: string;
  }): Promise<void> {
    await this.#anonymous.auth.register.mutate(input);
  }

  /** Verifies the address with the token from the mailed link. @throws WarbleError BAD_TOKEN */
  async verifyEmail(token: string): Promise<void> {
    await this.#anonymous.auth.verifyEmail.mutate({ token });
  }

  /** Mails a new link in place of the old one. @throws WarbleError NO_CHANGE when the address is verified */
  async resendVerification(): Promise<void> {
    await this.#api.auth.resendVerification.mutate();
  }

  /**
   * Signs in and keeps the session. After SECOND_FACTOR_REQUIRED, call again with `code`, or with `passkey` from
   * `beginPasskeyLogin`.
   * @throws WarbleError BAD_CREDENTIALS, SECOND_FACTOR_REQUIRED, BAD_CODE, BAD_PASSKEY, ACCOUNT_SUSPENDED, RATE_LIMITED
   */
  login({ passkey, ...input }: Omit<Login, "passkey"> & { passkey?: GivenPasskey }): Promise<Me> {
    return this.#keep(this.#anonymous.auth.login.mutate({ ...input, passkey: passkey && proofOf(passkey) }));
  }

  /**
   * Begins to sign in with a passkey, whosever it is. The browser answers, for example by @simplewebauthn/browser:
   * @example
   * const { challengeId, options } = await warble.auth.beginPasskeyLogin();
   * const response = await startAuthentication({ optionsJSON: options });
   * await warble.auth.loginWithPasskey({ challengeId, response });
   */
  beginPasskeyLogin(): Promise<PasskeyRequest> {
    return this.#anonymous.auth.beginPasskeyLogin.mutate();
  }

  /** Signs in with a passkey alone and keeps the session. @throws WarbleError BAD_PASSKEY, ACCOUNT_SUSPENDED */
  loginWithPasskey({ device, ...proof }: GivenPasskey & { device?: string }): Promise<Me> {
    return this.#keep(this.#anonymous.auth.loginWithPasskey.mutate({ ...proofOf(proof), device }));
  }

  async #keep(signedIn: Promise<SignedIn>): Promise<Me> {
    const { user, tokens } = await signedIn;
    await this.#session.set(tokens, "signedIn");
    return user;
  }

  /**
   * Ends the session here and on the server; streams and the chat of the user end with it. Without a session it does
   * nothing. @throws WarbleError UNREACHABLE when the server could not be told; here it has ended all the same
   */
  async logout(): Promise<void> {
    if (!(await this.#session.tokens())) return;
    try {
      await this.#api.auth.logout.mutate();
    } catch (error) {
      if (!isWarbleError(error, "NOT_SIGNED_IN")) throw error;
    } finally {
      await this.#session.set(null, "signedOut");
    }
  }

  /** The signed-in user; null when nobody is, or when the server has ended the session. */
  async me(): Promise<Me | null> {
    try {
      return (await this.#session.accessToken()) ? await this.#api.auth.me.query() : null;
    } catch (error) {
      if (isWarbleError(error, "NOT_SIGNED_IN")) return null;
      throw error;
    }
  }

  /** The tokens of the session, to hand it to another process; null when nobody is signed in. */
  tokens(): Promise<Tokens | null> {
    return this.#session.tokens();
  }

  /** Who is signed in, by id, as the session says and without a call; null when nobody is. */
  userId(): Promise<string | null> {
    return this.#session.user();
  }

  /** Calls `listener` after sign-in, refresh and sign-out, here or in another tab. @returns what to call to stop */
  onChange(listener: SessionListener): () => void {
    return this.#session.onChange(listener);
  }

  /** The devices that are signed in, last used first. */
  async sessions(): Promise<Device[]> {
    return (await this.#api.auth.sessions.query({ limit: 100 })).items;
  }

  /** Signs one device out. @throws WarbleError SESSION_NOT_FOUND */
  async revokeSession(id: string): Promise<void> {
    await this.#api.auth.revokeSession.mutate({ id });
  }

  /** Signs out all devices but this one. */
  async logoutOthers(): Promise<void> {
    await this.#api.auth.logoutOthers.mutate();
  }

  /** Mails a six-digit code, if the address is known; the answer does not tell. */
  async requestPasswordReset(email: string): Promise<void> {
    await this.#anonymous.auth.requestPasswordReset.mutate({ email });
  }

  /** Exchanges the code for a ticket, which `resetPassword` takes once. @throws WarbleError BAD_CODE */
  async verifyPasswordResetCode(email: string, code: string): Promise<string> {
    return (await this.#anonymous.auth.verifyPasswordResetCode.mutate({ email, code })).ticket;
  }

  /** Sets a new password and ends every session; sign in with it afterwards. @throws WarbleError BAD_TOKEN, WEAK_PASSWORD */
  async resetPassword(input: ResetPassword): Promise<void> {
    await this.#anonymous.auth.resetPassword.mutate(input);
  }

  /** Changes the password and signs out all other devices. @throws WarbleError BAD_CREDENTIALS, WEAK_PASSWORD, NO_CHANGE */
  async changePassword(input: ChangePassword): Promise<void> {
    await this.#api.auth.changePassword.mutate(input);
  }

  /**
   * Mails a link to the new address, which changes it, and a notice to the old one; the answer does not tell whether
   * the new one is somebody else's. @throws WarbleError BAD_CREDENTIALS, NO_CHANGE, RATE_LIMITED
   */
  async requestEmailChange(input: RequestEmailChange): Promise<void> {
    await this.#api.auth.requestEmailChange.mutate(input);
  }

  /** Changes the address with the token from the link, and signs out all devices but the one that asked. @throws WarbleError BAD_TOKEN */
  async confirmEmailChange(token: string): Promise<void> {
    await this.#anonymous.auth.confirmEmailChange.mutate({ token });
  }

  /**
   * Puts the old address back with the token that was mailed there. All devices are signed out, and the password is
   * worth nothing until it is reset by that address. @throws WarbleError BAD_TOKEN
   */
  async undoEmailChange(token: string): Promise<void> {
    await this.#anonymous.auth.undoEmailChange.mutate({ token });
  }

  /** Gives the password again, for what was refused with REAUTH_REQUIRED. @throws WarbleError BAD_CREDENTIALS, RATE_LIMITED */
  async confirmPassword(password: string): Promise<void> {
    await this.#api.auth.confirmPassword.mutate({ password });
  }

  /**
   * Hides the user and all that is theirs until they sign in again, and ends every session.
   * @throws WarbleError REAUTH_REQUIRED, LAST_ADMIN
   */
  async deactivate(): Promise<void> {
    await this.#api.users.deactivate.mutate();
    await this.#session.set(null, "signedOut");
  }

  /** Deletes the account for good, and ends every session. @throws WarbleError BAD_CREDENTIALS, RATE_LIMITED, LAST_ADMIN */
  async deleteAccount(password: string): Promise<void> {
    await this.#api.users.deleteAccount.mutate({ password });
    await this.#session.set(null, "signedOut");
  }

  /** Has a file made of all that is the user's; a mail says when it is ready. @throws WarbleError REAUTH_REQUIRED, RATE_LIMITED */
  requestExport(): Promise<DataExport> {
    return this.#api.users.requestExport.mutate();
  }

  /** The files of the user's data that are made or kept, the latest first. */
  async exports(): Promise<DataExport[]> {
    return (await this.#api.users.exports.query({ limit: 100 })).items;
  }

  /** A file of the user's data that is ready: a zip of JSON lines. @throws WarbleError NOT_FOUND */
  async downloadExport(id: string): Promise<Blob> {
    return (await this.#download(`/exports/${encodeURIComponent(id)}`)).blob();
  }
}
