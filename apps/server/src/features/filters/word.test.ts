import { describe, expect, it } from "vitest";
import { holdsWord, plainText } from "./word.service";

const holds = (text: string, word: string) => holdsWord(plainText(text), plainText(word));

describe("a word", () => {
  it.each([
    ["Buy coins now", "coins"],
    ["COINS", "coins"],
    ["ｃｏｉｎｓ for all", "coins"],
    ["co\u200bi\u00adns", "coins"],
    ["(coins)", "coins"],
    ["#coins", "coins"],
    ["free_coins", "coins"],
    ["https://coins.example", "coins"],
    ["free   coins\nhere", "free coins"],
    ["Die STRASSE", "straße"],
    ["ΟΔΟΣ", "οδος"],
    ["это спам!", "СПАМ"],
    ["買硬幣吧", "硬幣"],
    ["スパムです", "スパム"],
    ["스팸을 보내", "스팸"],
    ["กดสแปมเลย", "สแปม"],
    ["buy硬coins", "coins"],
    ["coinscoins coins", "coins"],
    ["c++ rules", "c++"],
    ["a.b", "a.b"],
  ])("is found in %j: %j", (text, word) => expect(holds(text, word)).toBe(true));

  it.each([
    ["coinsurance", "coins"],
    ["bitcoins", "coins"],
    ["coins2", "coins"],
    ["cafés", "cafe"],
    ["coins\u0301", "coins"],
    ["спамер", "спам"],
    ["free of coins", "free coins"],
    ["axb", "a.b"],
    ["aaaa", "a*"],
    ["anything", ".*"],
    ["", "coins"],
  ])("is not found in %j: %j", (text, word) => expect(holds(text, word)).toBe(false));
});
