import { stage } from "../test/stage"; const { fred, mailed, console, printed } = await stage({"page":"accounts","people":["fred"],"admins":[]}); void mailed;











import { createWarble } from "@warble/sdk";

const warble = createWarble({ url: "http://localhost:43921" });
await warble.auth.register({
  username: "erin",
  email: "erin@example.com",
  password: "a heron stands in the reeds",
  displayName: "Erin Heron",
});






const token = await mailed("erin@example.com", /verify-email\?token=([\w-]+)/);
await warble.auth.verifyEmail(token);











import { isWarbleError } from "@warble/sdk";

try {
  await warble.auth.login({ identifier: "erin", password: "an osprey" });
} catch (error) {
  if (isWarbleError(error, "BAD_CREDENTIALS")) console.log(error.message);
}
await printed("The name or the password is wrong.", 48);

const me = await warble.auth.login({
  identifier: "erin@example.com",
  password: "a heron stands in the reeds",
  device: "Firefox on Linux",
});
console.log(me.username, me.email, me.role);
await printed("erin erin@example.com user", 56);













const stop = warble.auth.onChange((tokens) => console.log(tokens ? "signed in" : "signed out"));
await warble.auth.logout();
await printed("signed out", 72);
await warble.auth.login({ identifier: "erin", password: "a heron stands in the reeds" });
await printed("signed in", 74);
stop();





console.log((await warble.auth.me())?.displayName);
await printed("Erin Heron", 82);









import { readFile, rm, writeFile } from "node:fs/promises";
import type { SessionStorage } from "@warble/sdk";

const fileStorage = (path: string): SessionStorage => ({
  load: async () => JSON.parse(await readFile(path, "utf8").catch(() => "null")),
  save: async (tokens) => (tokens ? writeFile(path, JSON.stringify(tokens), { mode: 0o600 }) : rm(path)),
});

const options = { url: "http://localhost:43921", storage: fileStorage(`/tmp/erin-${process.pid}.json`) };
const first = createWarble(options);
await first.auth.login({ identifier: "erin", password: "a heron stands in the reeds" });

const afterRestart = createWarble(options);
console.log((await afterRestart.auth.me())?.username);
await printed("erin", 106);
await afterRestart.auth.logout();








const tablet = createWarble({ url: "http://localhost:43921" });
await tablet.auth.login({ identifier: "erin", password: "a heron stands in the reeds", device: "Tablet" });

for (const session of await warble.auth.sessions()) {
  if (!session.current) console.log(session.device);
}
await printed("Tablet", 122);
await warble.auth.logoutOthers();
console.log((await warble.auth.sessions()).length);
await printed("1", 125);





await warble.auth.changePassword({
  currentPassword: "a heron stands in the reeds",
  password: "two herons stand in the reeds",
});









await warble.auth.requestPasswordReset("erin@example.com");
const code = await mailed("erin@example.com", /\b(\d{6})\b/);
const ticket = await warble.auth.verifyPasswordResetCode("erin@example.com", code);
await warble.auth.resetPassword({ ticket, password: "three herons stand in the reeds" });
await warble.auth.login({ identifier: "erin", password: "three herons stand in the reeds" });







await warble.auth.requestEmailChange({
  email: "erin@herons.example.com",
  password: "three herons stand in the reeds",
});
const confirmation = await mailed("erin@herons.example.com", /confirm-email-change\?token=([\w-]+)/);
await warble.auth.confirmEmailChange(confirmation);
console.log((await warble.auth.me())?.email);
await printed("erin@herons.example.com", 163);
warble.close();








async function withPassword<T>(act: () => Promise<T>, ask: () => Promise<string>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isWarbleError(error, "REAUTH_REQUIRED")) throw error;
    await fred.auth.confirmPassword(await ask());
    return act();
  }
}

const { state } = await withPassword(
  () => fred.auth.requestExport(),
  async () => "swifts over the harbour",
);
console.log(state);
await printed("making", 188);

