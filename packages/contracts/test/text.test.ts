import { describe, expect, it } from "vitest";
import { parseText, type TextSpan, weightOf } from "../src/text";
import { hashtagKey, searchTerms } from "../src/text.search";

const written = (text: string, type: TextSpan["type"]) => {
  const parsed = parseText(text);
  return parsed.spans
    .filter((span) => span.type === type)
    .map((span) => parsed.text.slice(span.start, span.end));
};

describe("mentions", () => {
  it.each([
    ["@alice", ["@alice"]],
    ["hi @alice and @bob_2!", ["@alice", "@bob_2"]],
    [".@alice said", ["@alice"]],
    ["(@alice) “@bob” …@carol", ["@alice", "@bob", "@carol"]],
    ["＠alice is full width", ["＠alice"]],
    ["RT@alice: rt @bob", ["@alice", "@bob"]],
    ["皆さん@aliceさん", ["@alice"]],
    ["😀@alice", ["@alice"]],
    ["@alice/a-list", ["@alice"]],
    ["@alice's and @bob.", ["@alice", "@bob"]],
    ["@fifteen_letters", ["@fifteen_letters"]],
    ["ask @alice\n@bob", ["@alice", "@bob"]],
  ])("finds the people in %j", (text, expected) => {
    expect(written(text, "mention")).toEqual(expected);
  });

  it.each([
    ["an e-mail address", "write to alice@example.com"],
    ["an e-mail address that ends in an accent", "josé@example.com"],
    ["an e-mail address that ends in a sign", "alice+@example.com or alice-@example.com"],
    ["an e-mail address that starts like a retweet", "rt@example.com"],
    ["another network's address", "@alice@example.social"],
    ["a link", "https://example.com/@alice/1 and example.com/@bob"],
    ["a link's start", "@https://example.com"],
    ["a path", "/@alice"],
    ["a name of 16 letters", "@sixteen__letters"],
    ["an accented name", "@aliceé"],
    ["nothing", "@ @! @@"],
    ["a price", "$@alice &@alice *@alice !@alice"],
  ])("finds nobody in %s", (_, text) => {
    expect(written(text, "mention")).toEqual([]);
  });

  it("gives the name without the sign and offsets in UTF-16 units", () => {
    expect(parseText("😀 @Alice").spans).toEqual([{ type: "mention", start: 3, end: 9, username: "Alice" }]);
  });
});

describe("hashtags", () => {
  it.each([
    ["#warble", ["#warble"]],
    ["#a#b (#c) .#d", ["#c", "#d"]],
    ["#2024 #2024er #_ #_x", ["#2024er", "#_x"]],
    ["##double", ["#double"]],
    ["#tag-cut #tag's", ["#tag", "#tag"]],
    ["＃全角 #日本語、#中文。", ["＃全角", "#日本語", "#中文"]],
    ["#हिन्दी #ไทย #עברית #فارسی", ["#हिन्दी", "#ไทย", "#עברית", "#فارسی"]],
    ["#می‌خواهم #col·laborar #スター・ウォーズ", ["#می‌خواهم", "#col·laborar", "#スター・ウォーズ"]],
    ["❤️#love 👩‍🚀#space", ["#love", "#space"]],
    ["#️⃣ #⃣", []],
    ["a#b é#b 字#b &#39;", []],
    ["#\u0301 #〃", []],
    ["#https://example.com", []],
    ["https://example.com/#top example.com/a#b", []],
    [`#${"ab".repeat(32)} #${"ab".repeat(32)}c`, [`#${"ab".repeat(32)}`]],
    [`#${"กี้".repeat(64)}`, [`#${"กี้".repeat(64)}`]],
  ])("reads %j", (text, expected) => {
    expect(written(text, "hashtag")).toEqual(expected);
  });

  it.each([
    ["ＡＢＣ", "abc"],
    ["Straße", "STRASSE"],
    ["ΟΔΟΣ", "οδος"],
    ["ｻｯｶｰ", "サッカー"],
    ["cafe\u0301", "CAFÉ"],
    ["ﬁn", "FIN"],
    ["IĞDIR", "ığdır"],
  ])("%s and %s have one key", (one, other) => {
    expect(hashtagKey(one)).toBe(hashtagKey(other));
  });

  it("keeps tags apart that differ in more than width and case", () => {
    expect(new Set(["cafe", "café", "カ", "か", "a_b", "ab"].map(hashtagKey)).size).toBe(6);
  });

  it("keeps the form in which the tag was written", () => {
    expect(parseText("x #Ａbc").spans).toEqual([{ type: "hashtag", start: 2, end: 6, tag: "Ａbc" }]);
  });
});

describe("links", () => {
  it.each([
    ["https://example.com", ["https://example.com"]],
    ["HTTP://Example.COM:8080/a?b=c#d", ["HTTP://Example.COM:8080/a?b=c#d"]],
    ["see example.com, www.example.co.uk.", ["example.com", "www.example.co.uk"]],
    ["(https://example.com/a_(b)_(c(d))) x", ["https://example.com/a_(b)_(c(d))"]],
    ["https://example.com/a(b", ["https://example.com/a"]],
    [
      "https://example.com/a., https://example.com/?q=1!",
      ["https://example.com/a", "https://example.com/?q=1"],
    ],
    ["“https://example.com”", ["https://example.com"]],
    ["https://any.horse/x but any.horse/x", ["https://any.horse/x"]],
    ["日本語example.com日本語", ["example.com"]],
    ["https://münchen.de/straße example.みんなで", ["https://münchen.de/straße", "example.みんな"]],
    ["http://ПРИМЕР.РФ http://example.русский", ["http://ПРИМЕР.РФ"]],
    ["http://xn--e1afmkfd.xn--p1ai/", ["http://xn--e1afmkfd.xn--p1ai/"]],
    ["https://a_b.example.com", ["https://a_b.example.com"]],
    ["https://example.com/x?u=https://example.org", ["https://example.com/x?u=https://example.org"]],
  ])("reads %j", (text, expected) => {
    expect(written(text, "url")).toEqual(expected);
  });

  it.each([
    "https://localhost https://nodots https://a.b",
    "alice@example.com first.last@example.com example.com@example.org",
    "example.comx notes.txt archive.zip 3.14 e.g. i.e.g",
    "#example.com @example.com $example.com",
    "-example.com .example.com _example.com /example.com",
    "https://-example.com https://example-.com https://exa_mple.com",
    `https://${"a".repeat(64)}.com https://${"字".repeat(63)}.com https://xn--字.com`,
    "ftp://example.com/x javascript://example.com",
    "https://user.name@example.com",
    "\uFEFFhttps://example.com",
  ])("finds no link in %j", (text) => {
    expect(written(text, "url")).toEqual([]);
  });

  it("gives a link without a scheme https, and a link with one as it is", () => {
    expect(parseText("example.com/a http://example.org").spans).toEqual([
      { type: "url", start: 0, end: 13, url: "https://example.com/a" },
      { type: "url", start: 14, end: 32, url: "http://example.org" },
    ]);
  });
});

describe("weight", () => {
  it.each([
    ["", 0],
    ["hello", 5],
    ["é", 1],
    ["e\u0301", 1],
    ["\u10FF\u1100", 3],
    ["“quotes” – and…", 16],
    ["日本語", 6],
    ["https://example.com/a/very/long/path/that/does/not/matter", 23],
    ["a.co b.co", 47],
    ["x @alice #tag", 13],
    ["👍", 2],
    ["👍🏽", 2],
    ["👩‍👩‍👧‍👦", 2],
    ["👩🏻‍❤️‍💋‍👩🏿", 2],
    ["🏴‍☠️", 2],
    ["🏴󠁧󠁢󠁷󠁬󠁳󠁿", 2],
    ["🇩🇪🇫🇷", 4],
    ["1️⃣#️⃣*⃣", 6],
    ["©", 1],
    ["©️", 2],
    ["123#*", 5],
    ["👍".repeat(140), 280],
    [Array(8).fill("👍").join("\u200D"), 5],
    ["\uD83D", 2],
    ["\uDE00\uD83D", 4],
  ])("of %j is %i", (text, weight) => {
    expect(weightOf(text)).toBe(weight);
  });

  it("bytes are those of UTF-8", () => {
    expect(["a", "é", "字", "😀", "\uD83D", "e\u0301"].map((text) => parseText(text).bytes)).toEqual([
      1, 2, 3, 4, 3, 2,
    ]);
  });
});

describe("search terms", () => {
  it.each([
    ["Hello, hello WORLD!", ["hello", "world"]],
    ["Straße und STRASSE", ["strasse", "und"]],
    ["ｆｕｌｌ ﬁne", ["full", "fine"]],
    ["東京都に", ["東京", "京都", "都に"]],
    ["iPhone用 字", ["iphone", "用", "字"]],
    ["read https://www.Example.com:80/path?x=words now", ["example.com", "read", "now"]],
    ["example.com", ["example.com"]],
    ["#Ａbc", ["#abc", "abc"]],
    ["thanks @alice_b", ["thanks", "alice", "b"]],
    ["हिन्दी ไทย", ["हिन्दी", "ไทย"]],
    ["❤️ ... \uFE0F 👍🏽", []],
    ["", []],
  ])("of %j", (text, expected) => {
    expect(searchTerms(text)).toEqual(expected);
  });

  it("are at most 128, each at most 64 characters, and never half a character", () => {
    expect(searchTerms(Array.from({ length: 500 }, (_, i) => `w${i}`).join(" "))).toHaveLength(128);
    expect(
      searchTerms(
        "字の".repeat(3) + Array.from({ length: 500 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(""),
      ),
    ).toHaveLength(128);
    expect(searchTerms("a".repeat(1000))).toEqual(["a".repeat(64)]);
    expect(searchTerms(`a${"𝒳".normalize("NFC")}`)).toEqual(["ax"]);
    expect(searchTerms(`a${"\u{10400}".repeat(64)}`)[0]?.isWellFormed()).toBe(true);
  });
});
