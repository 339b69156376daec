import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

const SHOWN = 12;

/** Where a server's computing went while it was measured. */
export interface Profile {
  /** Which server, and in which order it was started. */
  of: string;
  /** Seconds that it computed. */
  seconds: number;
  /** The largest parts, by what the code belongs to, in per cent. */
  parts: [name: string, percent: number][];
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Makes an empty folder for profiles, to which every target writes its own. */
export async function takeProfiles(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  process.env.BENCH_PROFILE = folder;
}

/** What the profiles in a folder say. */
export async function profilesIn(folder: string): Promise<Profile[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".cpuprofile")).sort();
  return Promise.all(
    files.map(async (file) => {
      const profile: CpuProfile = JSON.parse(await readFile(join(folder, file), "utf8"));
      return summaryOf(file.replace(/\.cpuprofile$/, ""), profile);
    }),
  );
}

function summaryOf(of: string, { nodes, samples, timeDeltas }: CpuProfile): Profile {
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
  const spent = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const owner = owners.get(id) ?? "";
    if (owner === "(idle)") continue;
    const took = timeDeltas[index] ?? 0;
    total += took;
    spent.set(owner, (spent.get(owner) ?? 0) + took);
  }
  const parts = [...spent].sort((one, other) => other[1] - one[1]).slice(0, SHOWN);
  return { of, seconds: total / 1e6, parts: parts.map(([name, took]) => [name, (100 * took) / total]) };
}

/** The package that a function is of; what is built in by its own name. */
function ownerOf({ functionName, url }: CpuProfile["nodes"][number]["callFrame"]): string {
  const [, inPackage] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (inPackage) return inPackage;
  if (url.startsWith("node:")) return "Node's own modules";
  return url ? "this server's own code" : functionName;
}
