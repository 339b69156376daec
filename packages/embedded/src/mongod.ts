import { type ChildProcess, spawn } from "node:child_process";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./port";
import { dbPathOn, SET_NAME } from "./replica-set";

const START_MS = 60_000;
const LOG_NAME = /^mongod\.(\d+)\.log$/;

const FLAGS = [
  ...["--replSet", SET_NAME, "--bind_ip", "127.0.0.1", "--quiet"],
  ...["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "128"],
  ...["--setParameter", "diagnosticDataCollectionEnabled=false"],
  // What a killed server had begun holds its records for so long; none of ours lasts as long as that.
  ...["--setParameter", "transactionLifetimeLimitSeconds=10"],
  ...(process.platform === "win32" ? [] : ["--nounixsocket"]),
];

export interface Mongod {
  port: number;
  process: ChildProcess;
  exited: Promise<unknown>;
}

// The log's name says the port: so a mongod is found again even if who started it died right away.
const logOf = (dbPath: string, port: number): string => join(dbPath, `mongod.${port}.log`);

/** The port of the mongod that runs on the directory. */
export async function findRunning(dbPath: string): Promise<number | undefined> {
  for (const { port } of await logsIn(dbPath)) {
    if ((await dbPathOn(port)) === dbPath) return port;
  }
  return undefined;
}

/** Starts mongod and waits until it answers; undefined where another one has the directory already. */
export async function launch(binary: string, dbPath: string): Promise<Mongod | undefined> {
  const port = await freePort();
  const mongod = await spawnMongod(binary, dbPath, port);
  let running = true;
  void mongod.exited.then(() => {
    running = false;
  });
  const deadline = Date.now() + START_MS;
  while (running && Date.now() < deadline) {
    if ((await dbPathOn(port)) === dbPath) return { ...mongod, port };
    await sleep(10);
  }

  mongod.process.kill("SIGKILL");
  const output = await readFile(logOf(dbPath, port), "utf8");
  await rm(logOf(dbPath, port));
  if (output.includes("DBPathInUse")) return undefined;
  if (output.includes("Address already in use")) return launch(binary, dbPath);
  const state = running ? `did not answer within ${START_MS / 1000} s` : "could not start";
  throw new Error(`${binary} ${state} on ${dbPath}:\n${complaintsIn(output)}`);
}

async function spawnMongod(binary: string, dbPath: string, port: number) {
  const output = await open(logOf(dbPath, port), "a");
  const args = [...FLAGS, "--dbpath", dbPath, "--port", String(port)];
  // Detached, so that Ctrl-C in the terminal reaches only who uses it, and it can end after them.
  const child = spawn(binary, args, { detached: true, stdio: ["ignore", output.fd, output.fd] });
  const exited = new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", resolve);
  });
  child.unref();
  await output.close();
  return { process: child, exited };
}

/** Removes the logs of earlier runs; a young one may belong to a start that is still under way. */
export async function removeOldLogs(dbPath: string, port: number): Promise<void> {
  for (const log of await logsIn(dbPath)) {
    if (log.port !== port && log.touched < Date.now() - START_MS) await rm(log.path, { force: true });
  }
}

async function logsIn(dbPath: string) {
  const ports = (await readdir(dbPath)).flatMap((name) => LOG_NAME.exec(name)?.[1] ?? []);
  const logs = ports.map(async (text) => {
    const path = logOf(dbPath, Number(text));
    const touched = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    return { port: Number(text), path, touched };
  });
  return (await Promise.all(logs)).sort((a, b) => b.touched - a.touched);
}

/** The last errors in mongod's log, without most of the JSON around them. */
function complaintsIn(output: string): string {
  const lines = output.split("\n").filter(Boolean);
  const complaints = lines.flatMap((line) => {
    if (!line.startsWith("{")) return line;
    const { s, msg, attr } = JSON.parse(line) as { s?: string; msg?: string; attr?: object };
    return s === "E" || s === "F" ? `${msg?.trim()} ${JSON.stringify(attr ?? "").slice(0, 300)}` : [];
  });
  const last = complaints.slice(-4).map((line) => `  ${line}`);
  return last.join("\n") || "  it said nothing";
}
