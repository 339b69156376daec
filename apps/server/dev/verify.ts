// `verify` in development: the database that `dev` uses, started for the moment if it does not run.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runVerify } from "../src/verify-command";
import { devEnvironment } from "./environment";

const here = dirname(fileURLToPath(import.meta.url));

const { env, stop } = await devEnvironment(join(here, "../.warble"), (line) => console.log(line));
await runVerify(env, process.argv.slice(2));
await stop();
