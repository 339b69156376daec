import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { found, LINES, missing } from "../lines";
import type { Findings } from "../report";

const SDK = join(import.meta.dirname, "../../../../packages/sdk");

/** P16: how much of the SDK a frontend loads. */
export async function measureSdk(): Promise<Findings> {
  await promisify(execFile)(process.execPath, ["build.mjs"], { cwd: SDK });
  const code = await readFile(join(SDK, "dist/index.js"));
  return {
    lines: [
      found(LINES.sdk.size, { value: gzipSync(code, { level: 9 }).length / 1000 }),
      missing(LINES.sdk.types, "no frontend is in the repository that could be counted"),
    ],
  };
}
