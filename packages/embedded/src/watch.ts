import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const WATCHDOG = fileURLToPath(new URL("./throwaway-watchdog.mjs", import.meta.url));

/** Has the server of the directory ended and the directory removed, when told to or with this process. */
export function watch(dir: string): () => Promise<void> {
  const watchdog = spawn(process.execPath, [WATCHDOG, dir], {
    detached: true,
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
  });
  const gone = once(watchdog, "exit");
  watchdog.unref();
  return async () => {
    watchdog.ref();
    watchdog.stdin.destroy();
    await gone;
  };
}
