import type { Mail } from "../../platform/mailer";

/** What a mail says. */
export type Text = Pick<Mail, "subject" | "text">;

const SIGNATURE = "Warble";

/** A mail to somebody, paragraph by paragraph. */
export const written = (username: string, ...paragraphs: string[]): string =>
  [`Hello ${username},`, ...paragraphs, SIGNATURE, ""].join("\n\n");

const NOT_YOU =
  "If this was not you, somebody may know your password: reset it now, with your e-mail address.";

/** To a new address: proves that it is the user's. */
export const showVerification = (username: string, link: string): Text => ({
  subject: "Verify your e-mail address",
  text: written(
    username,
    "Welcome to Warble. Open this link and press the button, and the address is verified:",
    link,
    "It works once, within 24 hours. Should it be too late, sign in and ask for another.",
    "If you did not register at Warble, ignore this mail: nothing further happens.",
  ),
});

/** To an address that is verified, when somebody has registered with it again. */
export const showKnownAddress = (username: string): Text => ({
  subject: "You already have an account",
  text: written(
    username,
    "Somebody, probably you, has registered at Warble with this e-mail address. You have an account already: it is as it was, and no other can have its address.",
    `Sign in with this address or as ${username}. If you have forgotten the password, ask for a reset.`,
    "If it was not you, there is nothing to do.",
  ),
});

/** The code that resets a password. */
export const showResetCode = (username: string, code: string): Text => ({
  subject: `${code} resets your password`,
  text: written(
    username,
    "Somebody, probably you, wants to reset your password at Warble. The code is:",
    code,
    "Type it where you asked for it. It works once, within 10 minutes. Nobody from Warble will ever ask you for it.",
    "If it was not you, ignore this mail: your password stays as it is.",
  ),
});

/** After a reset or a change. */
export const showPasswordChanged = (username: string, ended: "all" | "others"): Text => ({
  subject: "Your password was changed",
  text: written(
    username,
    ended === "all"
      ? "Your password at Warble has just been reset, and every device was signed out. Sign in with the new one."
      : "Your password at Warble has just been changed, and every other device was signed out.",
    NOT_YOU,
  ),
});

/** After an authenticator app was put in force. */
export const showTotpEnabled = (username: string): Text => ({
  subject: "Signing in now takes a code",
  text: written(
    username,
    "From now on, signing in to Warble with your password also takes a code of your authenticator app. Keep the recovery codes somewhere safe: each signs in once when the app is not at hand.",
    NOT_YOU,
  ),
});

/** After an authenticator app was taken away. */
export const showTotpDisabled = (username: string): Text => ({
  subject: "Signing in no longer takes a code",
  text: written(
    username,
    "The authenticator app of your account at Warble has just been removed: the password alone signs in again. Its recovery codes no longer work.",
    NOT_YOU,
  ),
});

/** After the recovery codes were replaced. */
export const showRecoveryCodesRenewed = (username: string): Text => ({
  subject: "You have new recovery codes",
  text: written(
    username,
    "The recovery codes of your account at Warble have just been replaced: those you had before no longer work.",
    NOT_YOU,
  ),
});

/** After a recovery code was used. */
export const showRecoveryCodeUsed = (username: string, left: number): Text => ({
  subject: "A recovery code was used",
  text: written(
    username,
    `One of your recovery codes at Warble has just been used in place of a code of your authenticator app. It does not work again; left are ${left}.`,
    NOT_YOU,
  ),
});

/** After somebody has given the right password and too many wrong codes. */
export const showCodesGuessed = (username: string): Text => ({
  subject: "Somebody knows your password",
  text: written(
    username,
    "Somebody has given your right password at Warble, and then wrong codes again and again. They were not let in, and have to wait between further tries.",
    "If this was not you, reset your password now, with your e-mail address. If it was, use a recovery code or a passkey.",
  ),
});

/** After a passkey was added. */
export const showPasskeyAdded = (username: string, name: string): Text => ({
  subject: "A passkey was added",
  text: written(username, `A passkey has just been added to your account at Warble: ${name}.`, NOT_YOU),
});

/** After a passkey was removed. */
export const showPasskeyRemoved = (username: string, name: string): Text => ({
  subject: "A passkey was removed",
  text: written(
    username,
    `A passkey has just been removed from your account at Warble, and no longer signs in: ${name}.`,
    NOT_YOU,
  ),
});

/** After a session was ended because its refresh token came twice. */
export const showSessionEnded = (username: string, device: string): Text => ({
  subject: "We signed out one of your devices",
  text: written(
    username,
    `A sign-in at Warble was used from two places at once, as it would be after a theft, so we have ended it: ${device || "an unnamed device"}.`,
    "Sign in again on your own device. If you see this mail more than once, change your password, which signs out every other device.",
  ),
});

interface SignIn {
  device: string;
  place: string;
  at: Date;
}

/** After a sign-in from a device that is new. */
export const showSignedIn = (username: string, { device, place, at }: SignIn): Text => ({
  subject: "A new sign-in to your account",
  text: written(
    username,
    "Your account at Warble was signed in to from a device that we have not seen before:",
    `Device: ${device}\nPlace: ${place}\nTime: ${at.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    "If it was you, there is nothing to do.",
    `${NOT_YOU} That signs out every device, this one too.`,
  ),
});

/** After a user has deactivated their account. */
export const showGoneAway = (username: string): Text => ({
  subject: "Your account is deactivated",
  text: written(
    username,
    "You have just deactivated your account at Warble: every device was signed out, and nobody sees you or what you wrote. All of it is kept.",
    "Sign in whenever you like, and you are back.",
    NOT_YOU,
  ),
});

/** After a user who had deactivated their account has signed in. */
export const showComeBack = (username: string): Text => ({
  subject: "Your account is active again",
  text: written(
    username,
    "You have just signed in at Warble, so your account is no longer deactivated: others see you and what you wrote.",
    NOT_YOU,
  ),
});

/** After a user has deleted their account. */
export const showDeleted = (username: string): Text => ({
  subject: "Your account is deleted",
  text: written(
    username,
    "Your account at Warble has just been deleted, with your password. You are signed out everywhere, nobody sees you any more, and all that is yours is being removed. It cannot be brought back.",
    "Thank you for having been here.",
  ),
});

/** When the file with a user's data can be fetched. */
export const showExportReady = (username: string, days: number): Text => ({
  subject: "Your data is ready",
  text: written(
    username,
    `The file with your data at Warble that you asked for is ready. Sign in and fetch it in your settings within ${days} days; then it is removed.`,
    "If you did not ask for it, somebody is signed in to your account: change your password, which signs out every other device.",
  ),
});
