import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeOwnedDir, orphanedDirs } from "@warble/embedded";

const SERVER = join(import.meta.dirname, "..");
const PARENT = join(SERVER, ".warble");
const KIND = "bench";

const ENTRIES = [
  "bench/server.ts",
  "bench/caller.ts",
  "bench/floors/home-queries.ts",
  "bench/floors/home-memory.ts",
  "bench/floors/create.ts",
  "bench/floors/chat.ts",
];

/** What runs in processes of its own. */
export type Program = "main" | "server" | "caller" | "home-queries" | "home-memory" | "create" | "chat";

/** Builds it all as the product is built, into a directory that goes when this process ends. */
export async function buildPrograms(): Promise<{
  of: (program: Program) => string;
  remove: () => Promise<void>;
}> {
  const remove = (dir: string) => rm(dir, { recursive: true, force: true });
  for (const orphan of await orphanedDirs(PARENT, KIND)) await remove(orphan);
  const dir = await makeOwnedDir(PARENT, KIND);
  await promisify(execFile)(process.execPath, ["build.mjs", dir, ...ENTRIES], { cwd: SERVER });
  return { of: (program) => join(dir, `${program}.js`), remove: () => remove(dir) };
}
