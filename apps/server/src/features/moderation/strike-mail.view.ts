import type { StrikeAction } from "@warble/contracts";
import type { Mail } from "../../platform/mailer";
import type { StrikeRecord } from "./strike.model";

type Text = Pick<Mail, "subject" | "text">;

const SIGNATURE = "Warble";

const written = (username: string, ...paragraphs: string[]): string =>
  [`Hello ${username},`, ...paragraphs.filter(Boolean), SIGNATURE, ""].join("\n\n");

const SUBJECTS: Record<StrikeAction, string> = {
  warn: "A warning from the moderators",
  remove: "Something you wrote was taken away",
  suspend: "Your account is suspended",
};

/** To the user whom a strike is against; the link lets them appeal, signed in or not. */
export const showStrike = (username: string, strike: StrikeRecord, link: string): Text => ({
  subject: SUBJECTS[strike.action],
  text: written(
    username,
    saidOf(strike),
    strike.reason && `The moderators say: ${strike.reason}`,
    strike.target ? `It is about this ${strike.target.type} of yours:\n\n${strike.target.content}` : "",
    "If you think that this is wrong, say so once within 30 days; somebody else looks at it then:",
    link,
  ),
});

function saidOf({ action, until }: StrikeRecord): string {
  if (action === "warn")
    return "The moderators of Warble have given you a warning. Nothing else has changed.";
  if (action === "remove") return "The moderators of Warble have taken away something that you wrote.";
  const end = until ? `until ${until.toISOString()}` : "for good";
  return `The moderators of Warble have suspended your account, ${end}. You are signed out, and nobody is shown what you wrote.`;
}

/** To the user who appealed. */
export const showDecision = (username: string, uphold: boolean, note: string): Text => ({
  subject: uphold ? "Your appeal was turned down" : "Your appeal was granted",
  text: written(
    username,
    uphold
      ? "Somebody else has looked at what the moderators of Warble did, and it stays as it is."
      : "Somebody else has looked at what the moderators of Warble did, and it was undone.",
    note && `They say: ${note}`,
  ),
});
