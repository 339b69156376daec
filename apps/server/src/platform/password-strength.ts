import { LIMITS } from "@warble/contracts";
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import common from "./common-passwords.json" with { type: "json" };
import { WarbleError } from "./error";

const COMMON = new Set(common.passwords);
const MIN_GUESSES = 1e6;
const ADVICE = "Put three or four words together that nobody else would.";
/** So many bytes are in nobody's list, and looking for patterns in more would only cost time. */
const LONG_ENOUGH_BYTES = 64;

// It runs where every call runs: so few substitutions keep the worst input to a few milliseconds.
const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, l33tMaxSubstitutions: 20 });

/**
 * Refuses a password that would be guessed early: a common one, a pattern, or one made of what everybody knows
 * about its owner.
 * @param known the owner's names
 * @throws WarbleError WEAK_PASSWORD
 */
export function requireStrong(password: string, known: string[]): void {
  // What is hashed is the normalised form, so that is what is judged.
  const hashed = password.normalize("NFKC");
  if ([...hashed].length < LIMITS.passwordMin) throw weak("Use more characters.");
  const plain = hashed.toLowerCase();
  const names = known.map((name) => name.toLowerCase());
  if (COMMON.has(plain) || names.includes(plain)) throw weak(ADVICE);
  if (Buffer.byteLength(hashed) >= LONG_ENOUGH_BYTES) return;
  const { guesses } = estimator.check(hashed, [...names, "warble"]);
  if (guesses < MIN_GUESSES) throw weak(ADVICE);
}

const weak = (advice: string): WarbleError =>
  new WarbleError("WEAK_PASSWORD", {
    issues: [
      {
        path: ["password"],
        code: "weak",
        message: `is too easy to guess: it is common, a pattern, or holds your own names. ${advice}`,
      },
    ],
  });
