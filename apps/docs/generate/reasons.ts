import { ErrorReason } from "@warble/contracts";
import type { Reason } from "@warble/sdk";
import { shapeOf, WarbleError } from "@warble/server/reference";
import { code, table } from "./markdown";

/** What a client does about each. */
const ADVICE: Record<Reason, string> = {
  BAD_INPUT:
    "Show `issues` beside the fields that their `path` names. Check with the schemas of the SDK before.",
  BAD_CURSOR: "Ask for the first page, without a cursor.",
  BAD_REQUEST: "Mend the client: the request is none.",
  NOT_SIGNED_IN: "Have the user sign in. The SDK has tried to refresh the session by then.",
  BAD_CREDENTIALS: "Have the user type it again; which of the two was wrong, nobody is told.",
  BAD_TOKEN: "Offer to send a new mail.",
  BAD_CODE: "Have the user type it again, or send a new one.",
  SECOND_FACTOR_REQUIRED: "Ask for a code, or a passkey, and sign in again with it.",
  BAD_PASSKEY: "Begin again; or have the user sign in otherwise.",
  FORBIDDEN: "Do not offer it: this user may not.",
  EMAIL_NOT_VERIFIED: "Point to the mail, and offer `auth.resendVerification`.",
  REAUTH_REQUIRED: "Ask for the password, pass it to `auth.confirmPassword`, and call again.",
  ACCOUNT_SUSPENDED: "Show the message. The mail about it says how to appeal.",
  USERNAME_TAKEN: "Have the user choose another name.",
  WEAK_PASSWORD: "Have the user choose another password.",
  SELF_TARGET: "Do not offer it on one's own.",
  NO_CHANGE: "Take it as done.",
  LAST_ADMIN: "Make somebody else an administrator first.",
  BLOCKING: "Offer to unblock them.",
  ALREADY_SETTLED: "Load it again: somebody was first.",
  CONTENT_REFUSED: "Have the user write it otherwise.",
  ADDRESS_REFUSED: "Have the user give an address of another provider.",
  NOT_FOUND: "Take it off the page.",
  USER_NOT_FOUND: "Take them off the page: gone, hidden and never there answer alike.",
  TWEET_NOT_FOUND: "Take it off the page: gone, hidden and never there answer alike.",
  COMMENT_NOT_FOUND: "Take it off the page: gone, hidden and never there answer alike.",
  SESSION_NOT_FOUND: "Load the list of devices again.",
  PASSKEY_NOT_FOUND: "Load the list of passkeys again.",
  CONVERSATION_NOT_FOUND: "Take it out of the list.",
  MESSAGE_NOT_FOUND: "Take it off the page.",
  REPORT_NOT_FOUND: "Load the queue again.",
  STRIKE_NOT_FOUND: "Load the list again.",
  CONFLICT: "Call again in a moment.",
  IDEMPOTENCY_MISMATCH: "Mend the client: one key is for one call with one input.",
  TOO_LARGE: "Send less in one request.",
  RATE_LIMITED: "Wait `retryAfter` seconds.",
  BUSY: "Wait `retryAfter` seconds.",
  RESYNC: "Load the lists again, and go on from the newest event.",
  UNAVAILABLE: "Call again soon. The SDK has tried again by then.",
  INTERNAL: "Show `requestId`: the operator's logs have it.",
  UNREACHABLE: "Say that there is no connection. The SDK has tried again by then.",
  VERSION_SKEW: "Update the side that `message` says is older. No mutation has been done.",
  TIMEOUT: "Say so, and offer to try again: it may have been done all the same.",
  ABORTED: "Nothing: your own signal has ended it.",
};

/** Reasons that the SDK alone gives. */
const own = (Object.keys(ADVICE) as Reason[]).filter((reason) => !ErrorReason.safeParse(reason).success);

/** A page on why calls fail. */
export function reasonsPage(): string {
  const rows = ErrorReason.options.map((reason) => {
    const { message, data } = shapeOf(new WarbleError(reason), "");
    return [code(reason), String(data.httpStatus), message, ADVICE[reason]];
  });
  const ownRows = own.map((reason) => [code(reason), ADVICE[reason]]);
  return `# Reasons

Why a call failed: the closed set of \`error.reason\`. How to tell them apart is in [Errors](../guide/errors.md).

${table(["reason", "HTTP", "says", "what to do"], rows)}
The SDK has some of its own, for what happens before a server answers:

${table(["reason", "what to do"], ownRows)}`;
}
