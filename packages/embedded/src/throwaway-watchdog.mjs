// Ends the mongod or the Redis of a throwaway directory and removes the directory when standard input closes: on `stop()`,
// and whenever the process that started it dies, however it dies.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const dir = process.argv[2];

/** Where a server writes its process id; in neither means that it never ran. */
const PID_FILES = ["mongod.lock", "redis.pid"];

function pidIn(file) {
  try {
    return Number.parseInt(readFileSync(join(dir, file), "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

process.stdin.resume();
process.stdin.once("close", async () => {
  const pid = PID_FILES.map(pidIn).find(Boolean);
  if (pid && signal(pid, "SIGKILL")) {
    for (let tries = 0; tries < 200 && signal(pid, 0); tries++) await sleep(5);
  }
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
});
