import { mkdir, mkdtemp, readdir, realpath } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

// The host's name, since containers that share a directory do not share process ids.
const host = hostname().replace(/[^\w.]/g, "_");
const prefixOf = (kind: string): string => `warble-${kind}-${host}-`;

/** A new directory that says in its name which process it belongs to. */
export async function makeOwnedDir(parent: string, kind: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  return realpath(await mkdtemp(join(parent, `${prefixOf(kind)}${process.pid}-`)));
}

/** The directories whose process has died. */
export async function orphanedDirs(parent: string, kind: string): Promise<string[]> {
  const prefix = prefixOf(kind);
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
  return names
    .filter((name) => !isAlive(Number.parseInt(name.slice(prefix.length), 10)))
    .map((name) => join(parent, name));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
