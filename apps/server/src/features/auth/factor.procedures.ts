import type { TRPCRouterRecord } from "@trpc/server";
import {
  AddPasskey,
  ByCode,
  ById,
  Done,
  LoginWithPasskey,
  PageInput,
  Passkey,
  PasskeyCreation,
  PasskeyRequest,
  pageOf,
  RecoveryCodes,
  SignedIn,
  TotpStart,
} from "@warble/contracts";
import { answer, anyone, limit, once, signedIn, verified } from "../../platform/trpc";
import { beginPasskeyLogin, loginWithPasskey } from "./login.service";
import { addPasskey, beginPasskey, listPasskeys, removePasskey } from "./passkey.service";
import { beginTotp, disableTotp, enableTotp, renewRecoveryCodes } from "./totp.service";

export const factors = {
  /** Makes the secret of an authenticator app. Fails with REAUTH_REQUIRED; CONFLICT when an app is in use. */
  beginTotp: verified
    .meta(limit("guess"))
    .output(answer(TotpStart))
    .mutation(({ ctx }) => beginTotp(ctx)),

  /** Has signing in with the password take a code from now on. Fails with CONFLICT, REAUTH_REQUIRED, BAD_CODE. */
  enableTotp: verified
    .meta(limit("guess"))
    .input(ByCode)
    .output(answer(RecoveryCodes))
    .mutation(({ ctx, input }) => enableTotp(ctx, input.code)),

  /**
   * Takes the authenticator app away, by a code of it or a recovery code. Fails with CONFLICT, REAUTH_REQUIRED,
   * BAD_CODE, NO_CHANGE.
   */
  disableTotp: signedIn
    .meta(once)
    .meta(limit("guess"))
    .input(ByCode)
    .output(answer(Done))
    .mutation(({ ctx, input }) => disableTotp(ctx, input.code)),

  /**
   * Makes new recovery codes in place of those before. Fails with CONFLICT, REAUTH_REQUIRED, BAD_CODE, NO_CHANGE.
   */
  renewRecoveryCodes: signedIn
    .meta(limit("guess"))
    .input(ByCode)
    .output(answer(RecoveryCodes))
    .mutation(({ ctx, input }) => renewRecoveryCodes(ctx, input.code)),

  /** The viewer's passkeys, the newest first. Fails with BAD_CURSOR. */
  passkeys: signedIn
    .input(PageInput.prefault({}))
    .output(answer(pageOf(Passkey)))
    .query(({ ctx, input }) => listPasskeys(ctx, input)),

  /** Begins to add a passkey: what to ask the browser for. Fails with CONFLICT, REAUTH_REQUIRED. */
  beginPasskey: verified
    .meta(limit("guess"))
    .output(answer(PasskeyCreation))
    .mutation(({ ctx }) => beginPasskey(ctx)),

  /**
   * Adds the passkey that the browser has made. Fails with REAUTH_REQUIRED, BAD_PASSKEY; CONFLICT when there are too
   * many.
   */
  addPasskey: verified
    .meta(once)
    .meta(limit("guess"))
    .input(AddPasskey)
    .output(answer(Passkey))
    .mutation(({ ctx, input }) => addPasskey(ctx, input)),

  /** Removes one of the viewer's passkeys. Fails with CONFLICT, REAUTH_REQUIRED, PASSKEY_NOT_FOUND. */
  removePasskey: signedIn
    .meta(once)
    .meta(limit("guess"))
    .input(ById)
    .output(answer(Done))
    .mutation(({ ctx, input }) => removePasskey(ctx, input.id)),

  /** Begins to sign in with a passkey, whosever it is; its answer may also stand in for a code in `login`. */
  beginPasskeyLogin: anyone
    .meta(limit("login"))
    .output(answer(PasskeyRequest))
    .mutation(({ ctx }) => beginPasskeyLogin(ctx)),

  /** Signs in with a passkey and nothing else. Fails with CONFLICT, BAD_PASSKEY, ACCOUNT_SUSPENDED. */
  loginWithPasskey: anyone
    .meta(limit("login"))
    .input(LoginWithPasskey)
    .output(answer(SignedIn))
    .mutation(({ ctx, input }) => loginWithPasskey(ctx, input)),
} satisfies TRPCRouterRecord;
