// Builds what is published: modules of both kinds with the contracts inside, and declarations that stand by themselves.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { ENTRIES } from "./entries.mjs";
import { writePlainTypes } from "./plain-types.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const dist = join(here, "dist");
const types = join(here, ".types");
const require = createRequire(import.meta.url);
const { dependencies, peerDependencies } = require("./package.json");
const registry = Object.keys({ ...dependencies, ...peerDependencies });
const external = (id) => registry.some((name) => id === name || id.startsWith(`${name}/`));

rmSync(dist, { recursive: true, force: true });
const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-b", here], { stdio: "inherit" });

const input = Object.fromEntries(
  Object.entries(ENTRIES).map(([name, { source }]) => [name, join(here, source)]),
);
const code = await rolldown({
  input,
  external,
  platform: "neutral",
  preserveEntrySignatures: "allow-extension",
});
// A server component may name these and not run them: they have a file of their own, which says so first of all.
const HOOKS = "react-hooks";
const groups = [
  { name: "react-queries", test: /src\/react\/(queries|switches|cache)\.ts$/ },
  { name: HOOKS, test: /src\/react\/(?!index)/ },
];
for (const [format, extension] of Object.entries({ esm: "js", cjs: "cjs" })) {
  const entryFileNames = `[name].${extension}`;
  await code.write({
    dir: dist,
    format,
    entryFileNames,
    chunkFileNames: `shared/[name]-[hash].${extension}`,
    codeSplitting: { groups, includeDependenciesRecursively: false },
    banner: ({ name }) => (name === HOOKS ? '"use client";' : ""),
  });
}

// The declarations of the workspace's own packages are taken in; the compiler has just written them.
const contracts = join(root, "packages/contracts/.types/src");
writePlainTypes(contracts, join(types, "plain"));

/** Puts the declarations of these entries together; `declared` says where those of the contracts are. */
async function declare(names, declared) {
  const workspace = {
    "@warble/contracts": join(declared, "index.d.ts"),
    "@warble/server/api": join(root, "apps/server/.types/src/api.d.ts"),
  };
  const sources = names.map((name) => [name, join(types, ENTRIES[name].source.replace(/\.tsx?$/, ".d.ts"))]);
  const build = await rollup({
    input: Object.fromEntries(sources),
    external,
    plugins: [
      { name: "workspace", resolveId: (id) => workspace[id] ?? null },
      dts({ respectExternal: false }),
    ],
  });
  await build.write({
    dir: dist,
    entryFileNames: "[name].d.ts",
    chunkFileNames: "shared/[name]-[hash].d.ts",
  });
}
const whole = ["schemas", "text"];
await declare(whole, contracts);
await declare(
  Object.keys(ENTRIES).filter((name) => !whole.includes(name)),
  join(types, "plain"),
);

/** What no module exports is declared as a type: the bundler of declarations does not tell the two apart. */
async function declareTypes(name) {
  const values = new Set(Object.keys(await import(pathToFileURL(join(dist, `${name}.js`)).href)));
  const asTypes = (list) =>
    list.split(", ").map((one) => (values.has(one.split(" as ").at(-1)) ? one : `type ${one}`));
  const file = join(dist, `${name}.d.ts`);
  const declared = readFileSync(file, "utf8");
  writeFileSync(
    file,
    declared.replace(/^export \{ (.*?) \}/gm, (_, list) => `export { ${asTypes(list).join(", ")} }`),
  );
}
for (const name of Object.keys(ENTRIES)) await declareTypes(name);

// Who requires the package gets declarations of its own, which name the files that they are beside.
for (const file of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
  const declared = readFileSync(join(dist, file), "utf8");
  const asCommon = declared.replace(/(from\s+["']\.{1,2}\/[^"']+)\.js(["'])/g, "$1.cjs$2");
  writeFileSync(join(dist, file.replace(/\.d\.ts$/, ".d.cts")), asCommon);
}
