import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const AUTH = "src/features/auth";
const MISTAKES = "test/mistakes";
const HERE = "test/controls";

/** What guards accounts, and the tests that try it from outside: the file, and what a test in it is called. */
const CONTROLS: Record<string, [what: string, ...proofs: [file: string, title: string][]]> = {
  C1: [
    "length of passwords",
    [`${AUTH}/login.test.ts`, "may have %s"],
    [`${AUTH}/login.test.ts`, "may not have %s"],
    [`${HERE}/c01-passwords.test.ts`, "a megabyte of password"],
  ],
  C2: [
    "every character counts",
    [`${AUTH}/login.test.ts`, "count beyond %s"],
    [`${AUTH}/login.test.ts`, "however their accents are typed"],
  ],
  C3: [
    "cost of the hash",
    [`${HERE}/c01-passwords.test.ts`, "bcrypt of twelve"],
    [`${AUTH}/login.test.ts`, "are hashed anew"],
    ["src/config.test.ts", '["PASSWORD_COST", "9"]'],
  ],
  C4: [
    "few hashes at once",
    [`${MISTAKES}/08-password-hashing.test.ts`, "a flood of sign-ins is turned away"],
  ],
  C5: [
    "common passwords",
    [`${HERE}/c01-passwords.test.ts`, "fifty that are common"],
    ["src/platform/password-strength.test.ts", "refuses thousands"],
  ],
  C6: [
    "one answer to every failed sign-in",
    [`${HERE}/c06-uniform-failure.test.ts`, "takes as long for %s"],
    [`${AUTH}/login.test.ts`, "fails alike"],
    [`${AUTH}/login.test.ts`, "tells of a suspension only to"],
    [`${AUTH}/address.test.ts`, "signs nobody in before it is proved"],
  ],
  C7: [
    "guesses, by name and over all",
    [`${HERE}/c07-guessing.test.ts`, "at one password"],
    [`${HERE}/c07-guessing.test.ts`, "at everybody's"],
    ["test/nodes/wrong-passwords.test.ts", "are counted over all nodes"],
    [`${AUTH}/login.test.ts`, "is slowed down after ten"],
    [`${AUTH}/login.test.ts`, "ends at fifty in a row"],
    [`${AUTH}/limits.test.ts`, "is an IPv6 host with all of its addresses"],
  ],
  C8: [
    "registering tells nothing",
    [`${AUTH}/address.test.ts`, "looks and leaves behind the same"],
    [`${MISTAKES}/11-enumeration.test.ts`, "registering tells nothing"],
    [`${AUTH}/limits.test.ts`, "may call %s %i times"],
  ],
  C9: [
    "access tokens",
    [`${AUTH}/session.test.ts`, "are refused unless the server made them"],
    [`${AUTH}/session.test.ts`, "of five megabytes"],
    [`${HERE}/c09-tokens.test.ts`, "brings its own key"],
  ],
  C10: [
    "the server's secrets",
    ["test/secrets.test.ts", "does not start: %s"],
    ["test/secrets.test.ts", "what the old one made is good"],
    ["src/config.test.ts", "your-secret-of"],
  ],
  C11: [
    "revocation at once",
    ["test/nodes/two-nodes.test.ts", "signing out on one closes"],
    ["test/nodes/redis-gone.test.ts", "sessions still end everywhere"],
    [`${AUTH}/session.test.ts`, "are dead after signing out, however they are spelled"],
  ],
  C12: [
    "refresh tokens",
    [`${MISTAKES}/06-one-time-secrets.test.ts`, "all get the same successor"],
    [`${AUTH}/session.test.ts`, "from two generations ago"],
    [`${AUTH}/session.test.ts`, "comes after the grace"],
  ],
  C13: [
    "the list of sessions",
    [`${AUTH}/session.test.ts`, "revoked one by one"],
    [`${AUTH}/session.test.ts`, "are twenty at most"],
    [`${AUTH}/sign-in-notice.test.ts`, "names device and country"],
    [`${MISTAKES}/02-old-rights.test.ts`, "socket and stream end"],
  ],
  C14: [
    "the password again",
    [`${AUTH}/step-up.test.ts`, "is refused after five minutes"],
    [`${AUTH}/email-change.test.ts`, "needs the password"],
  ],
  C15: [
    "a new password ends the rest",
    [`${AUTH}/reset.test.ts`, "ends every session, signs nobody in"],
    [`${AUTH}/reset.test.ts`, "ends the other sessions and all that was mailed"],
    [`${AUTH}/email-change.test.ts`, "dies with another request, a new password"],
    [`${MISTAKES}/02-old-rights.test.ts`, "changes the password elsewhere"],
  ],
  C16: ["no secret in addresses and logs", [`${HERE}/c16-logs.test.ts`, "the log holds no token"]],
  C17: [
    "other sites",
    ["src/platform/http.test.ts", "a method in the query"],
    ["src/platform/http.test.ts", "the origin %s may not"],
  ],
  C18: [
    "codes of a reset",
    [`${AUTH}/reset.test.ts`, "looks at five codes and at no sixth"],
    [`${AUTH}/reset.test.ts`, "forgets the code before"],
    [`${MISTAKES}/06-one-time-secrets.test.ts`, "of fifty right codes at once"],
  ],
  C19: [
    "how often a reset is mailed",
    [`${AUTH}/reset.test.ts`, "mails three codes an hour at most"],
    [`${AUTH}/reset.test.ts`, "mails ten codes a day at most"],
    [`${MISTAKES}/11-enumeration.test.ts`, "asking for a reset tells nothing"],
  ],
  C20: [
    "the link that verifies",
    [`${AUTH}/mail.test.ts`, "comes from the configuration"],
    [`${AUTH}/mail.test.ts`, "is used up by a POST"],
    [`${AUTH}/mail.test.ts`, "dies when another is asked for"],
  ],
  C21: [
    "who has not verified",
    [`${HERE}/c21-unverified.test.ts`, "may not %s"],
    [`${AUTH}/purge.test.ts`, "is removed after a week"],
  ],
  C22: [
    "addresses",
    [`${AUTH}/mail.test.ts`, "such as %j is refused"],
    [`${AUTH}/mail.test.ts`, "is mailed as one recipient"],
  ],
  C23: [
    "a change of address",
    [`${AUTH}/email-change.test.ts`, "mails a link to the new one and a notice to the old"],
    [`${AUTH}/email-change.test.ts`, "puts the address back"],
    [`${AUTH}/email-change.test.ts`, "outlives a new password, and a second change"],
  ],
};

describe("the controls of accounts", () => {
  test("are twenty-three", () => {
    expect(Object.keys(CONTROLS)).toEqual(Array.from({ length: 23 }, (_, n) => `C${n + 1}`));
  });

  test.each(Object.entries(CONTROLS))("%s is tried where the table says", (_control, [, ...proofs]) => {
    expect(proofs.length).toBeGreaterThan(0);
    for (const [file, title] of proofs) {
      const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
      expect(text.includes(title), `${file} has a test of: ${title}`).toBe(true);
    }
  });
});
