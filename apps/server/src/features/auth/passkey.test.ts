import type {
  Me,
  Page,
  Passkey,
  PasskeyCreation,
  PasskeyProof,
  PasskeyRequest,
  RecoveryCodes,
  SignedIn,
  TotpStart,
} from "@warble/contracts";
import mongoose from "mongoose";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Authenticator, codeAt, type Twist } from "../../../test/authenticator";
import { startTestApp, unlimited } from "../../../test/harness";
import { overHttp, PASSWORD, type Reply } from "../../../test/http";
import { nowMs } from "../../platform/clock";
import { changeUser } from "../users/user.service";

const FRONTEND = "http://app.localhost:5173";
const policy = { ...unlimited };
const app = startTestApp({ policy, corsOrigins: [FRONTEND] });
const { call, ask, mails, register, login, join, resetCode } = overHttp(app);
beforeEach(() => Object.assign(policy, unlimited));

const stored = (collection: string) => mongoose.connection.collection(collection);
const reasonOf = ({ status, reason }: Reply) => [status, reason];

const begin = (token: string) => call<PasskeyCreation>("auth.beginPasskey", undefined, { token });
const beginLogin = async () => (await call<PasskeyRequest>("auth.beginPasskeyLogin")).data;

/** Adds a passkey of a browser's to whoever is signed in. */
async function add(
  token: string,
  browser: Authenticator,
  { name = "Phone", ...twist }: Twist & { name?: string } = {},
) {
  const { challengeId, options } = (await begin(token)).data;
  const input = { challengeId, response: browser.create(options, twist), name };
  return call<Passkey>("auth.addPasskey", input, { token });
}

/** What a browser answers to a new challenge. */
async function proofOf(browser: Authenticator, twist: Twist = {}): Promise<PasskeyProof> {
  const { challengeId, options } = await beginLogin();
  return { challengeId, response: browser.get(options, twist) };
}

const enter = (proof: PasskeyProof, more: object = {}) =>
  call<SignedIn>("auth.loginWithPasskey", { ...proof, ...more });
const signIn = async (browser: Authenticator, twist: Twist = {}) => enter(await proofOf(browser, twist));

async function owner(username: string) {
  const { tokens, user } = await join(username);
  const browser = new Authenticator(app.running.url);
  const { data } = await add(tokens.accessToken, browser);
  return { id: user.id, token: tokens.accessToken, browser, passkeyId: data.id };
}

const list = async (token: string, input: object = {}) =>
  (await ask<Page<Passkey>>("auth.passkeys", token, input)).data;

describe("a passkey", () => {
  it("is added, signs in alone, is listed with its last use, and counted", async () => {
    const { tokens, user } = await join("alice");
    const token = tokens.accessToken;
    const browser = new Authenticator(app.running.url);
    const { options } = (await begin(token)).data;
    expect(options).toMatchObject({
      rp: { id: "localhost", name: "Warble" },
      user: { name: "alice", displayName: "alice" },
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      excludeCredentials: [],
    });
    const added = await add(token, browser);
    expect(added.data).toMatchObject({ name: "Phone", lastUsedAt: null });
    expect((await mails("alice@example.com"))[0]).toMatchObject({ subject: "A passkey was added" });
    expect((await begin(token)).data.options.excludeCredentials).toEqual([
      {
        type: "public-key",
        id: browser.passkeys[0]?.id.toString("base64url"),
        transports: ["internal", "hybrid"],
      },
    ]);

    const reply = await enter(await proofOf(browser), { device: "Laptop" });
    expect(reply.data.user).toMatchObject({ id: user.id, secondFactor: { totp: false, passkeys: 1 } });
    const mine = reply.data.tokens.accessToken;
    expect((await ask<Me>("auth.me", mine)).data.secondFactor).toEqual({
      totp: false,
      recoveryCodes: 0,
      passkeys: 1,
    });
    const { items } = await list(mine);
    expect(items).toMatchObject([{ id: added.data.id, name: "Phone" }]);
    expect(Date.now() - Date.parse(items[0]?.lastUsedAt ?? "")).toBeLessThan(10_000);
    const sessions = await ask<Page<{ device: string }>>("auth.sessions", mine, {});
    expect(sessions.data.items[0]?.device).toBe("Laptop");
    expect((await login("alice")).status, "the password is enough, too").toBe(200);
  });

  it("works on the pages of other frontends under the same name", async () => {
    const { browser } = await owner("bob");
    expect((await signIn(browser, { origin: FRONTEND })).status).toBe(200);
  });

  it("that does not count stays good", async () => {
    const { browser } = await owner("carol");
    for (let n = 0; n < 2; n++) expect((await signIn(browser, { counter: 0 })).status).toBe(200);
  });

  it("is asked for without saying whose", async () => {
    const { challengeId, options } = await beginLogin();
    expect(Object.keys(options).sort()).toEqual(["challenge", "rpId", "timeout", "userVerification"]);
    expect(options.challenge).toMatch(/^[\w-]{43}$/);
    expect((await beginLogin()).challengeId).not.toBe(challengeId);
  });

  it("is listed page by page, twenty at most", async () => {
    policy.passkeysPerUser = 3;
    const { token, browser } = await owner("dan");
    const names = ["Phone"];
    for (const name of ["Laptop", "Key"]) {
      await add(token, browser, { name });
      names.unshift(name);
    }
    const first = await list(token, { limit: 2 });
    const second = await list(token, { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(names);
    expect(reasonOf(await add(token, browser, { name: "Fourth" }))).toEqual([409, "CONFLICT"]);
    expect((await list(token)).items).toHaveLength(3);
  });
});

describe("an answer to a challenge", () => {
  const refused = [400, "BAD_PASSKEY"];
  let erin: Awaited<ReturnType<typeof owner>>;
  beforeAll(async () => {
    erin = await owner("erin");
  });

  const twists: [string, Twist][] = [
    ["comes from another page", { origin: "https://evil.example" }],
    ["comes from a page with a longer name", { origin: "http://localhost:1.evil.example" }],
    ["is for another site", { rpId: "evil.example" }],
    ["was given without recognising the user", { verified: false }],
    ["is to another challenge", { challenge: "A".repeat(43) }],
  ];

  it.each<[string, Twist]>([
    ...twists,
    ["is of another kind", { type: "webauthn.create" }],
    ["names nobody", { userHandle: undefined }],
    ["names somebody else", { userHandle: "AAAAAAAAAAAAAAAA" }],
  ])("does not sign in when it %s", async (_what, twist) => {
    expect(reasonOf(await signIn(erin.browser, twist))).toEqual(refused);
    expect((await signIn(erin.browser)).status).toBe(200);
  });

  it.each<[string, Twist]>([...twists, ["is of another kind", { type: "webauthn.get" }]])(
    "adds nothing when it %s",
    async (_what, twist) => {
      expect(reasonOf(await add(erin.token, new Authenticator(app.running.url), twist))).toEqual(refused);
      expect((await list(erin.token)).items).toHaveLength(1);
    },
  );

  it("is looked at once, of many at once, and never again", async () => {
    const proof = await proofOf(erin.browser);
    const replies = await Promise.all(Array.from({ length: 20 }, () => enter(proof)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(reasonOf(await enter(proof))).toEqual(refused);
    const { challengeId, options } = await beginLogin();
    const forged = { challengeId, response: erin.browser.get(options, { verified: false }) };
    expect(reasonOf(await enter(forged))).toEqual(refused);
    const late = { challengeId, response: erin.browser.get(options) };
    expect(reasonOf(await enter(late)), "the challenge was used up").toEqual(refused);
  });

  it("comes within five minutes", async () => {
    const proof = await proofOf(erin.browser);
    const row = await stored("challenges").findOne({ challenge: proof.challengeId });
    expect(row?.expiresAt.getTime() - Date.now()).toBeLessThan(301_000);
    expect(row?.expiresAt.getTime() - Date.now()).toBeGreaterThan(290_000);
    await stored("challenges").updateMany({}, { $set: { expiresAt: new Date(Date.now() - 1000) } });
    expect(reasonOf(await enter(proof))).toEqual(refused);
  });

  it("is to a challenge of one's own, and of its kind", async () => {
    const frank = await owner("frank");
    const browser = new Authenticator(app.running.url);
    const { challengeId, options } = (await begin(erin.token)).data;
    const input = { challengeId, response: browser.create(options), name: "Phone" };
    const stolen = await call("auth.addPasskey", input, { token: frank.token });
    expect(reasonOf(stolen)).toEqual(refused);
    const asked = { ...(await beginLogin()).options, challenge: options.challenge };
    expect(reasonOf(await enter({ challengeId, response: erin.browser.get(asked) }))).toEqual(refused);
    expect(
      (await call("auth.addPasskey", input, { token: erin.token })).status,
      "nobody has used it up",
    ).toBe(200);
    await stored("passkeys").deleteOne({ credentialId: input.response.id });
    const login = await beginLogin();
    const response = browser.create({ ...options, challenge: login.options.challenge });
    const other = await call(
      "auth.addPasskey",
      { challengeId: login.challengeId, response, name: "Phone" },
      { token: erin.token },
    );
    expect(reasonOf(other)).toEqual(refused);
  });

  it("has a counter that only rises: otherwise there is a copy", async () => {
    const { browser } = await owner("grace");
    expect((await signIn(browser, { counter: 7 })).status).toBe(200);
    for (const counter of [7, 6, 1, 0]) {
      expect(reasonOf(await signIn(browser, { counter })), String(counter)).toEqual(refused);
    }
    const proofs = [await proofOf(browser, { counter: 8 }), await proofOf(browser, { counter: 8 })];
    const replies = await Promise.all(proofs.map((proof) => enter(proof)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("is by a key that is known, whole, and nobody else's", async () => {
    const heidi = await owner("heidi");
    const known = heidi.browser.passkeys[0]!;
    const copy = new Authenticator(app.running.url);
    copy.create((await begin(heidi.token)).data.options);
    copy.passkeys[0]!.id = known.id;
    expect(reasonOf(await signIn(copy)), "another key under its id").toEqual(refused);
    const never = new Authenticator(app.running.url);
    never.create((await begin(heidi.token)).data.options);
    expect((await signIn(never)).text).toBe((await signIn(copy)).text);
    const { challengeId, options } = (await begin(erin.token)).data;
    const response = heidi.browser.create(options);
    const taken = { challengeId, response, name: "Phone" };
    expect((await call("auth.addPasskey", taken, { token: erin.token })).status).toBe(200);
    const again = (await begin(heidi.token)).data;
    const twice = heidi.browser.create(again.options);
    await stored("passkeys").updateOne({ credentialId: response.id }, { $set: { credentialId: twice.id } });
    const input = { challengeId: again.challengeId, response: twice, name: "Phone" };
    expect(reasonOf(await call("auth.addPasskey", input, { token: heidi.token }))).toEqual(refused);
  });

  it("may vouch for its authenticator as it likes: that is not read, and nothing fetched for it", async () => {
    const fetched = vi.spyOn(globalThis, "fetch");
    const certificates = [Buffer.from("no certificate"), Buffer.from("nor this")];
    const statement = new Map<string, string | number | Buffer[]>([
      ["alg", -7],
      ["sig", "x"],
      ["x5c", certificates],
    ]);
    const reply = await add(erin.token, erin.browser, { attestation: ["packed", statement] });
    expect(reply.status).toBe(200);
    expect(fetched.mock.calls.filter(([url]) => !String(url).startsWith(app.running.url))).toEqual([]);
    fetched.mockRestore();
  });

  it.each([
    ["attestationObject", "AAAA"],
    ["attestationObject", "v2NmbXRkbm9uZQ"],
    ["clientDataJSON", "e30"],
    ["clientDataJSON", "bm90IGpzb24"],
  ])("that is nonsense in %s is refused: %s", async (field, value) => {
    const { challengeId, options } = (await begin(erin.token)).data;
    const made = new Authenticator(app.running.url).create(options);
    const response = { ...made, response: { ...made.response, [field]: value } };
    const reply = await call("auth.addPasskey", { challengeId, response, name: "x" }, { token: erin.token });
    expect(reasonOf(reply)).toEqual(refused);
  });
});

describe("a passkey in place of a code", () => {
  const given = (identifier: string, passkey?: PasskeyProof) =>
    call<SignedIn>("auth.login", { identifier, password: PASSWORD, ...(passkey && { passkey }) });

  it("completes a password, if it is the same person's", async () => {
    const [ivan, judy] = [await owner("ivan"), await owner("judy")];
    const { secret } = (await call<TotpStart>("auth.beginTotp", undefined, { token: ivan.token })).data;
    const code = codeAt(secret, nowMs());
    await call<RecoveryCodes>("auth.enableTotp", { code }, { token: ivan.token });
    const asked = await given("ivan");
    expect(asked.reason).toBe("SECOND_FACTOR_REQUIRED");
    expect(asked.message).toContain("passkey");
    const proof = await proofOf(ivan.browser);
    const wrong = { identifier: "ivan", password: `${PASSWORD}!`, passkey: proof };
    expect((await call("auth.login", wrong)).reason).toBe("BAD_CREDENTIALS");
    expect((await given("ivan", await proofOf(judy.browser))).reason).toBe("BAD_PASSKEY");
    expect((await given("ivan", await proofOf(ivan.browser, { verified: false }))).reason).toBe(
      "BAD_PASSKEY",
    );
    expect((await given("ivan", await proofOf(ivan.browser, { userHandle: undefined }))).status).toBe(200);
    expect((await given("ivan", proof)).status, "a wrong password does not use it up").toBe(400);
    expect((await signIn(ivan.browser)).status, "alone it is both").toBe(200);
  });
});

describe("a passkey's owner", () => {
  it("who is suspended is told so, and not let in", async () => {
    const { browser, id } = await owner("kim");
    await changeUser(id, { suspension: { reason: "spam", until: null } });
    const reply = await signIn(browser);
    expect([...reasonOf(reply), reply.message]).toEqual([
      403,
      "ACCOUNT_SUSPENDED",
      expect.stringContaining("spam"),
    ]);
  });

  it("removes it: it does not sign in any more, and a mail says so", async () => {
    const lea = await owner("lea");
    const mike = await owner("mike");
    const remove = (id: string, token: string) => call("auth.removePasskey", { id }, { token });
    const [theirs, none] = [
      await remove(lea.passkeyId, mike.token),
      await remove("0".repeat(24), mike.token),
    ];
    expect(reasonOf(theirs)).toEqual([404, "PASSKEY_NOT_FOUND"]);
    expect(theirs.text).toBe(none.text);
    expect((await signIn(lea.browser)).status).toBe(200);
    const waiting = await proofOf(lea.browser);
    expect((await remove(lea.passkeyId, lea.token)).data).toEqual({ ok: true });
    expect((await enter(waiting)).reason).toBe("BAD_PASSKEY");
    expect((await signIn(lea.browser)).reason).toBe("BAD_PASSKEY");
    expect((await list(lea.token)).items).toEqual([]);
    expect((await mails("lea@example.com"))[0]).toMatchObject({
      subject: "A passkey was removed",
      text: expect.stringContaining("Phone"),
    });
  });

  it("keeps it through a change and a reset of the password", async () => {
    const { token, browser } = await owner("nina");
    const input = { currentPassword: PASSWORD, password: `${PASSWORD} too` };
    await call("auth.changePassword", input, { token });
    expect((await signIn(browser)).status).toBe(200);
    const email = "nina@example.com";
    await call("auth.requestPasswordReset", { email });
    const code = await resetCode(email);
    const { ticket } = (await call<{ ticket: string }>("auth.verifyPasswordResetCode", { email, code })).data;
    await call("auth.resetPassword", { ticket, password: PASSWORD });
    expect((await signIn(browser)).status).toBe(200);
  });

  it("has given the password lately, is verified and signed in, or changes nothing", async () => {
    const { token, browser, passkeyId } = await owner("oscar");
    const { challengeId, options } = (await begin(token)).data;
    const addition = { challengeId, response: browser.create(options), name: "Key" };
    await stored("sessions").updateMany({}, { $set: { authenticatedAt: new Date(0) } });
    const calls: [string, unknown][] = [
      ["auth.beginPasskey", undefined],
      ["auth.addPasskey", addition],
      ["auth.removePasskey", { id: passkeyId }],
    ];
    await register("unverified");
    const unverified = (await login("unverified")).data.tokens.accessToken;
    for (const [path, input] of calls) {
      expect(reasonOf(await call(path, input, { token })), path).toEqual([403, "REAUTH_REQUIRED"]);
      expect(reasonOf(await call(path, input)), path).toEqual([401, "NOT_SIGNED_IN"]);
      const expected = path === "auth.removePasskey" ? "PASSKEY_NOT_FOUND" : "EMAIL_NOT_VERIFIED";
      expect((await call(path, input, { token: unverified })).reason, path).toBe(expected);
    }
    expect((await ask("auth.passkeys")).reason).toBe("NOT_SIGNED_IN");
    await call("auth.confirmPassword", { password: PASSWORD }, { token });
    expect((await call("auth.addPasskey", addition, { token })).status).toBe(200);
  });
});
