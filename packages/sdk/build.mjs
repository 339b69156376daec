// Builds what is published: one module with the contracts inside, and one declaration file that stands by itself.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const external = [/^@trpc\//, /^socket\.io-client$/, /^zod$/, /^eventsource$/];

rmSync(join(here, "dist"), { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-b", here], { stdio: "inherit" });

const code = await rolldown({ input: join(here, "src/index.ts"), external, platform: "neutral" });
await code.write({ file: join(here, "dist/index.js"), format: "esm", sourcemap: true });

// The declarations of the workspace's own packages are taken in; the compiler has just written them.
const DECLARED = {
  "@warble/contracts": join(root, "packages/contracts/.types/src/index.d.ts"),
  "@warble/server/api": join(root, "apps/server/.types/src/api.d.ts"),
};
const types = await rollup({
  input: join(here, ".types/src/index.d.ts"),
  external: (id) => external.some((pattern) => pattern.test(id)),
  plugins: [{ name: "workspace", resolveId: (id) => DECLARED[id] ?? null }, dts({ respectExternal: false })],
});
await types.write({ file: join(here, "dist/index.d.ts"), format: "esm" });
