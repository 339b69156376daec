import { stage } from "../test/stage"; const { yara, mailed, console, printed } = await stage({"page":"factors","people":["yara"],"admins":[]}); void mailed;













import { TOTP } from "otpauth";

const { secret, uri } = await yara.factors.beginTotp();
console.log(uri);
await printed("otpauth://totp/...", 19);

const authenticator = new TOTP({ secret });
const recoveryCodes = await yara.factors.enableTotp(authenticator.generate());
console.log(recoveryCodes.length);
await printed("10", 24);






import { createWarble, isWarbleError } from "@warble/sdk";

const warble = createWarble({ url: "http://localhost:43921" });
const login = { identifier: "yara", password: "swifts over the harbour" };
const [code = ""] = recoveryCodes;
try {
  await warble.auth.login(login);
} catch (error) {
  if (!isWarbleError(error, "SECOND_FACTOR_REQUIRED")) throw error;
  const me = await warble.auth.login({ ...login, code });
  console.log(me.secondFactor);
}
await printed("{ totp: true, recoveryCodes: 9, passkeys: 0 }", 43);





const renewed = await yara.factors.renewRecoveryCodes(recoveryCodes[1] ?? "");
await yara.factors.disableTotp(renewed[0] ?? "");
console.log((await yara.auth.me())?.secondFactor.totp);
await printed("false", 52);
warble.close();








const creation = await yara.factors.beginPasskey();
console.log(creation.options.authenticatorSelection.userVerification);
await printed("required", 64);


















