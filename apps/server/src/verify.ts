import { runVerify } from "./verify-command";

await runVerify(process.env, process.argv.slice(2));
