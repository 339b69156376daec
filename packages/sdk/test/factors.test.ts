import { createHmac } from "node:crypto";
import { startTestApp } from "@warble/server/test";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isWarbleError, type Me, type Passkey, type Warble } from "../src/index";
import { noBrowser, servePage, startBrowser } from "./browser";
import { clientOf, comeIn, PASSWORD } from "./people";

const page = await servePage();
// A passkey belongs to a name, not to an address.
const origin = page.origin.replace("127.0.0.1", "localhost");
const app = startTestApp({ corsOrigins: [origin] });
let browser: Browser;

beforeAll(async () => {
  if (!noBrowser) browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await page.close();
});

const reason = async (call: Promise<unknown>) => {
  const error = await call.catch((thrown: unknown) => thrown);
  return isWarbleError(error) ? error.reason : error;
};

/** What an authenticator app shows, so many steps from now. */
function codeOf(secret: string, steps = 0): string {
  const bits = [...secret].map((letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  );
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  const mac = createHmac("sha1", key).update(step).digest();
  const start = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(start) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

describe("an authenticator app", () => {
  it("is set up, asked for, stood in for, and taken away", async () => {
    const alice = await comeIn(app, "alice");
    const { secret, uri } = await alice.factors.beginTotp();
    expect(uri).toContain(secret);
    const codes = await alice.factors.enableTotp(codeOf(secret, -1));
    const elsewhere = clientOf(app);
    const login = { identifier: alice.name, password: PASSWORD };
    expect(await reason(elsewhere.auth.login(login))).toBe("SECOND_FACTOR_REQUIRED");
    expect((await elsewhere.auth.login({ ...login, code: codeOf(secret) })).id).toBe(alice.id);
    const renewed = await alice.factors.renewRecoveryCodes(codes[0] ?? "");
    expect((await elsewhere.auth.login({ ...login, code: renewed[0] ?? "" })).secondFactor).toEqual({
      totp: true,
      recoveryCodes: 9,
      passkeys: 0,
    });
    await alice.factors.disableTotp(renewed[1] ?? "");
    expect((await elsewhere.auth.login(login)).secondFactor.totp).toBe(false);
  });
});

interface Tab {
  warble: Warble;
}

/** A page with a client, in a browser whose device recognises its user. */
async function visit(): Promise<Page> {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const devtools = await context.newCDPSession(tab);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await tab.goto(`${origin}/?server=${encodeURIComponent(app.running.url)}`);
  await tab.waitForFunction(() => "warble" in window);
  return tab;
}

const addPasskey = (tab: Page) =>
  tab.evaluate(async (): Promise<Passkey> => {
    const { factors } = (window as unknown as Tab).warble;
    const { challengeId, options } = await factors.beginPasskey();
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never);
    const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
    return factors.addPasskey({
      challengeId,
      response: made.toJSON() as RegistrationResponseJSON,
      name: "This browser",
    });
  });

const loginWith = (tab: Page, password?: { identifier: string; password: string }) =>
  tab.evaluate(async (password): Promise<Me> => {
    const { auth } = (window as unknown as Tab).warble;
    const { challengeId, options } = await auth.beginPasskeyLogin();
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const given = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
    const passkey = { challengeId, response: given.toJSON() as AuthenticationResponseJSON };
    return password ? auth.login({ ...password, passkey }) : auth.loginWithPasskey(passkey);
  }, password);

describe.skipIf(noBrowser !== "")(`a passkey of a real browser${noBrowser && ` (${noBrowser})`}`, () => {
  it("is added, signs in alone and in place of a code, and is removed", async () => {
    const bob = await comeIn(app, "bob");
    const login = { identifier: bob.name, password: PASSWORD };
    const tab = await visit();
    await tab.evaluate(
      (login) => (window as unknown as Tab).warble.auth.login(login).then(() => undefined),
      login,
    );
    const { id } = await addPasskey(tab);
    await tab.evaluate(() => (window as unknown as Tab).warble.auth.logout());
    expect(await loginWith(tab)).toMatchObject({ id: bob.id, secondFactor: { passkeys: 1 } });
    const { secret } = await bob.factors.beginTotp();
    await bob.factors.enableTotp(codeOf(secret));
    expect(await loginWith(tab, login)).toMatchObject({ id: bob.id, secondFactor: { totp: true } });
    const [passkey] = await bob.factors.passkeys();
    expect(passkey).toMatchObject({ id, name: "This browser", lastUsedAt: expect.any(String) });
    await bob.factors.removePasskey(id);
    await expect(loginWith(tab)).rejects.toThrow("passkey");
    expect(await bob.factors.passkeys()).toEqual([]);
  });
});
