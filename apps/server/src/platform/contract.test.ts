import { CONTRACT } from "@warble/contracts";
import { expect, test } from "vitest";
import { connectWith } from "../../test/chat-client";
import { startTestApp } from "../../test/harness";
import { overHttp } from "../../test/http";

const app = startTestApp();
const http = overHttp(app);

const create = async (contract: string) =>
  http.call(
    "tweets.create",
    { content: contract },
    {
      token: await app.tokenFor("alice"),
      headers: { "warble-contract": contract },
    },
  );

test("every answer says which version of the contract is spoken", async () => {
  for (const path of ["trpc/tweets.get", "livez", "nowhere", "trpc/%ff"]) {
    const { headers } = await fetch(`${app.running.url}/${path}`);
    expect([path, headers.get("warble-contract")]).toEqual([path, CONTRACT]);
  }
});

test("a client of another major version is refused before anything is done, and told which side is older", async () => {
  const newer = await create("99.0");
  expect(newer).toMatchObject({ status: 400, reason: "VERSION_SKEW" });
  expect(newer.message).toMatch(/The server is older.*99\.0.*update the server/);
  expect((await create("0.9")).message).toMatch(/The client is older.*update @warble\/sdk/);
  const { items } = await app.anonymous.timelines.user({ username: "alice" });
  expect(items).toEqual([]);
});

test("a client of another minor version is served, and one that does not say", async () => {
  const [major] = CONTRACT.split(".");
  expect((await create(`${major}.999`)).status).toBe(200);
  const silent = { content: "silent" };
  expect((await http.call("tweets.create", silent, { token: await app.tokenFor("alice") })).status).toBe(200);
});

test("the chat's handshake is held to the same", async () => {
  const token = await app.tokenFor("alice");
  await expect(connectWith(app, { auth: { token, contract: "99.0" } })).rejects.toMatchObject({
    data: { reason: "VERSION_SKEW" },
  });
  (await connectWith(app, { auth: { token, contract: CONTRACT } })).close();
});
