import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Owner {
  process: ChildProcess;
  /** The mongod that it started. */
  url: string;
  pid: number;
}

/** A process that has started a mongod: a throwaway one unless it is given a directory. */
export async function startOwner(dbPath?: string): Promise<Owner> {
  const script = fileURLToPath(new URL("./owner.ts", import.meta.url));
  const args = ["--import", "tsx", script, ...(dbPath ? [dbPath] : [])];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { process: child, ...(JSON.parse(line.toString()) as { url: string; pid: number }) };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
