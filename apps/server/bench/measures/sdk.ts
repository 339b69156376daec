import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { found, LINES, missing } from "../lines";
import type { Findings } from "../report";

const SDK = join(import.meta.dirname, "../../../../packages/sdk/src/index.ts");
/** What a frontend has of its own. */
const EXTERNAL = [/^@trpc\//, /^socket\.io-client$/, /^zod$/, /^eventsource$/];

/** P16: how much of the SDK a frontend loads, as its own bundler would make it small. */
export async function measureSdk(): Promise<Findings> {
  const build = await rolldown({ input: SDK, external: EXTERNAL, platform: "neutral" });
  const { output } = await build.generate({ format: "esm", minify: true });
  return {
    lines: [
      found(LINES.sdk.size, { value: gzipSync(output[0].code, { level: 9 }).length / 1000 }),
      missing(LINES.sdk.types, "no frontend is in the repository that could be counted"),
    ],
  };
}
