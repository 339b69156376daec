// `make-admin` in development: on the database that `dev` uses, started for the moment if it does not run.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runMakeAdmin } from "../src/admin-command";
import { devEnvironment } from "./environment";

const here = dirname(fileURLToPath(import.meta.url));

const { env, stop } = await devEnvironment(join(here, "../.warble"), (line) => console.log(line));
await runMakeAdmin(env, process.argv[2]);
await stop();
