import { dictionary } from "@zxcvbn-ts/language-common";
import { describe, expect, it } from "vitest";
import common from "./common-passwords.json" with { type: "json" };
import { WarbleError } from "./error";
import { requireStrong } from "./password-strength";

const refusal = (password: string, known = ["alice_99", "alice.smith"]): string | undefined => {
  try {
    requireStrong(password, known);
    return undefined;
  } catch (error) {
    return error instanceof WarbleError ? error.reason : String(error);
  }
};

describe("a password's strength", () => {
  it.each([
    "password1234",
    "aaaaaaaaaaaa",
    "123456789012",
    "qwertyuiopas",
    "1q2w3e4r5t6y",
    "abcabcabcabc",
    "alice_99alice_99",
    "ALICE_99alice_99",
    "Alice.Smith1",
    "warblewarble",
    "Warble123456",
    // What is hashed is its plain form.
    "ｐａｓｓｗｏｒｄ１２３４",
    // Twelve code points that become six characters.
    "e\u0301".repeat(6),
  ])("refuses %s", (password) => {
    expect(refusal(password)).toBe("WEAK_PASSWORD");
  });

  it.each([
    "correct horse battery staple",
    "teal otters whistle at dusk",
    "no digits just a few spaces",
    "kT7#mQ2$vX9!",
    "😀".repeat(64),
    `${"😀".repeat(18)}x`,
    `${"a".repeat(72)}X`,
    "пятьсот зелёных носорогов",
  ])("takes %s", (password) => {
    expect(refusal(password)).toBeUndefined();
  });

  it("refuses the common passwords that are long enough", () => {
    const common = dictionary["passwords-common"].filter((word) => [...word].length >= 12);
    expect(common.length).toBeGreaterThan(50);
    expect(common.filter((word) => refusal(word, []) === undefined)).toEqual([]);
  });

  it("refuses thousands that have been common elsewhere, in whatever case", () => {
    const { passwords } = common;
    expect(new Set(passwords).size).toBeGreaterThanOrEqual(3_000);
    expect(passwords.filter((word) => [...word].length < 12)).toEqual([]);
    const spelled = passwords.flatMap((word) => [word, word.toUpperCase()]);
    expect(spelled.filter((word) => refusal(word, []) === undefined)).toEqual([]);
    // They are not refused for being long or plain: a letter more, and most are left to the estimate.
    expect(refusal("polniypizdec0211 and gulls", [])).toBeUndefined();
  });

  it("refuses what is no more than a name of the owner, however long", () => {
    const name = "a.very.long.name.that.nobody.would.guess.but.everybody.can.read.1";
    expect(refusal(name, [])).toBeUndefined();
    expect(refusal(name.toUpperCase(), ["alice", name])).toBe("WEAK_PASSWORD");
  });

  it("says what to do, where", () => {
    try {
      requireStrong("password1234", []);
      expect.unreachable();
    } catch (error) {
      expect((error as WarbleError).issues).toMatchObject([
        { path: ["password"], code: "weak", message: expect.stringContaining("three or four words") },
      ]);
    }
  });

  it("costs little, whatever is typed", () => {
    const worst = [
      "x9$".repeat(21),
      "4@8({[<369&#!1|0$5+7%2/".repeat(3),
      "aA4@".repeat(15),
      "qaz".repeat(21),
    ];
    for (const password of worst) refusal(password.slice(0, 62));
    for (const password of worst) {
      const before = process.cpuUsage();
      refusal(password.slice(0, 63));
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000, password).toBeLessThan(100);
    }
  });
});
