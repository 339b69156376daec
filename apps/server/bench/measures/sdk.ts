import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { found, LINES } from "../lines";
import type { Findings } from "../report";

const SDK = join(import.meta.dirname, "../../../../packages/sdk");

const said = async (script: string): Promise<string> =>
  (await promisify(execFile)(process.execPath, [join(SDK, script)])).stdout;

/** P16: how much of the SDK a frontend loads, as its own bundler would make it small, and how much its compiler holds. */
export async function measureSdk(): Promise<Findings> {
  const size = Number(/sdk \., own code: ([\d.]+) kB/.exec(await said("size.mjs"))?.[1]);
  await said("build.mjs");
  const types = Number(await said("count-types.mjs"));
  return { lines: [found(LINES.sdk.size, { value: size }), found(LINES.sdk.types, { value: types })] };
}
