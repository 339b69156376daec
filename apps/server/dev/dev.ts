// `dev`: a database, then the server, which starts again whenever its code changes; the database stays.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { devEnvironment } from "./environment";

const here = dirname(fileURLToPath(import.meta.url));
const tsx = createRequire(import.meta.url).resolve("tsx/cli");

const { env, stop } = await devEnvironment(join(here, "../.warble"), (line) => console.log(line)).catch(
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
const server = spawn(process.execPath, [tsx, "watch", "--clear-screen=false", join(here, "server.ts")], {
  env,
  stdio: "inherit",
});
// Ctrl-C reaches the server by itself; a signal to this process alone is passed on.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => server.kill("SIGTERM"));
server.on("exit", (code) => {
  void stop().finally(() => process.exit(code ?? 0));
});
