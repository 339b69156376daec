import { stage } from "../test/stage"; const { zoe, mailed, console, printed } = await stage({"page":"leaving","people":["zoe"],"admins":[]}); void mailed;











const asked = await zoe.auth.requestExport();
console.log(asked.state);
await printed("making", 15);
await mailed("zoe@example.com", /(\bready\b)/);

const [file] = await zoe.auth.exports();
console.log(file?.state);
await printed("ready", 20);
const zip = await zoe.auth.downloadExport(file?.id ?? "");
console.log((await zip.slice(0, 2).text()) === "PK");
await printed("true", 23);





import { isWarbleError } from "@warble/sdk";

const tooSoon = await zoe.auth.requestExport().catch((error: unknown) => error);
if (isWarbleError(tooSoon, "RATE_LIMITED")) console.log((tooSoon.retryAfter ?? 0) > 80_000);
await printed("true", 33);







await zoe.auth.deactivate();
console.log(await zoe.auth.me());
await printed("null", 43);
const me = await zoe.auth.login({ identifier: "zoe", password: "swifts over the harbour" });
console.log(me.username);
await printed("zoe", 46);








await zoe.auth.deleteAccount("swifts over the harbour");
const gone = await zoe.auth
  .login({ identifier: "zoe", password: "swifts over the harbour" })
  .catch((error: unknown) => error);
console.log(isWarbleError(gone, "BAD_CREDENTIALS"));
await printed("true", 60);



