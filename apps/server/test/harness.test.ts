import { expect, test } from "vitest";
import { startTestApp } from "./harness";

const app = startTestApp();

const getAlice = async (authorization: string): Promise<Response> => {
  const input = encodeURIComponent(JSON.stringify({ ids: [await app.id("alice")] }));
  return fetch(`${app.running.url}/trpc/users.relationships?input=${input}`, { headers: { authorization } });
};

test("a token of a person is good over HTTP, and another is not", async () => {
  expect((await getAlice(`Bearer ${await app.tokenFor("bob")}`)).status).toBe(200);
  expect((await getAlice("Bearer made-up")).status).toBe(401);
});
