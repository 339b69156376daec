import { expect, it } from "vitest";
import { startTestApp, unlimited } from "../../../test/harness";

const app = startTestApp({
  policy: { ...unlimited, limits: { ...unlimited.limits, search: [{ points: 5, seconds: 60 }] } },
});

it("counts all searches of one person in one window", async () => {
  const { search } = await app.as("alice");
  await search.users({ query: "a" });
  await search.tweets({ query: "a" });
  await search.hashtags({ query: "a" });
  await search.suggest({ query: "a" });
  await search.trends({});
  for (const call of [search.users, search.tweets, search.hashtags, search.suggest]) {
    await expect(call({ query: "a" })).rejects.toMatchObject({ reason: "RATE_LIMITED" });
  }
  await expect(search.trends({})).rejects.toMatchObject({ reason: "RATE_LIMITED" });
  await (await app.as("bob")).search.users({ query: "a" });
});
