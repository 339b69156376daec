import { describe, expect, it } from "vitest";
import { readQuery } from "./tweet-query.service";

const none = { terms: [], phrases: [], from: [], to: [] };
const nothing = { wanted: none, unwanted: none, since: [], until: [], asks: true };

describe("a search query", () => {
  it.each([
    ["cats and Dogs", { wanted: { ...none, terms: [["cats"], ["and"], ["dogs"]] } }],
    ['"Good  Morning"', { wanted: { ...none, terms: [["good", "morning"]], phrases: ["good morning"] } }],
    ['"never closed', { wanted: { ...none, terms: [["never", "closed"]], phrases: ["never closed"] } }],
    ["-cats", { unwanted: { ...none, terms: [["cats"]] }, asks: false }],
    ['-"good morning"', { unwanted: { ...none, phrases: ["good morning"] }, asks: false }],
    ["#Cats", { wanted: { ...none, terms: [["#cats", "cats"]] } }],
    ["@Alice", { wanted: { ...none, to: ["Alice"] } }],
    ["from:@alice TO:bob", { wanted: { ...none, from: ["alice"], to: ["bob"] } }],
    ["-from:alice -@bob", { unwanted: { ...none, from: ["alice"], to: ["bob"] }, asks: false }],
    [
      "since:2026-01-31 until:2026-02-01T10:00:00Z",
      { since: [new Date("2026-01-31T00:00:00Z")], until: [new Date("2026-02-01T10:00:00Z")] },
    ],
    ["since:2026-02-30", { wanted: { ...none, terms: [["since", "2026", "02", "30"]] } }],
    ["lang:en", { wanted: { ...none, terms: [["lang", "en"]] } }],
    ["from:", { wanted: { ...none, terms: [["from"]] } }],
    ["!!! -", { wanted: { ...none, terms: [[], []] } }],
    ["", { asks: false }],
    ["   ", { asks: false }],
  ])("%s", (query, expected) => {
    expect(readQuery({ query })).toEqual({ ...nothing, ...expected });
  });

  it("joins what is said in the query and in the fields", () => {
    const read = readQuery({
      query: "from:alice since:2026-01-01",
      from: "bob",
      since: "2026-02-01T00:00:00Z",
    });
    expect(read.wanted.from).toEqual(["bob", "alice"]);
    expect(read.since).toHaveLength(2);
    expect(readQuery({ query: "", to: "bob" })).toMatchObject({ asks: true, wanted: { to: ["bob"] } });
  });
});
