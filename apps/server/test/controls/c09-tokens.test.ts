import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test } from "vitest";
import { startTestApp } from "../harness";
import { overHttp } from "../http";

const app = startTestApp();
const { ask, join } = overHttp(app);

const QUICK_MS = 50;

test("a token that brings its own key is refused, and no refusal takes long", async () => {
  const { tokens } = await join("alice");
  const claims = JSON.parse(Buffer.from(tokens.accessToken.split(".")[1]!, "base64url").toString());
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const own = (header: object) =>
    new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", ...header }).sign(privateKey);
  const forged = {
    "its key": await own({ jwk }),
    "where its key is": await own({ jku: "http://127.0.0.1:1/keys", kid: "1" }),
    "a certificate": await own({ x5u: "http://127.0.0.1:1/x", x5c: ["MIIB"] }),
    "nothing that can be read": `${"ey".repeat(1_000)}.${"x".repeat(1_000)}.x`,
  };
  for (const [what, token] of Object.entries(forged)) {
    const replies = [];
    for (let n = 0; n < 5; n++) replies.push(await ask("auth.me", token));
    expect(
      replies.map(({ status }) => status),
      what,
    ).toEqual(Array(5).fill(401));
    expect(Math.min(...replies.map(({ ms }) => ms)), what).toBeLessThan(QUICK_MS);
  }
  expect((await ask("auth.me", tokens.accessToken)).status).toBe(200);
});
