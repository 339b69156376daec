// Everything that can be known without running the product: types, lint and borders, dead code, paths in documents, sizes.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = (name) => join(root, "node_modules/.bin", name);

const tool =
  (name, ...args) =>
  () =>
    spawnSync(bin(name), args, { cwd: root, stdio: "inherit" }).status === 0;

/** What is made by building or running need not be there. */
const exists = (path) =>
  existsSync(join(root, path)) ||
  spawnSync("git", ["check-ignore", "-q", `${path}/`], { cwd: root }).status === 0;

/** A path that a document names in backticks exists. */
function documentsAreTrue() {
  const documents = readdirSync(root).filter((file) => file.endsWith(".md"));
  const wrong = documents.flatMap((file) => {
    const paths = readFileSync(join(root, file), "utf8").matchAll(
      /`((?:apps|packages|docs|scripts|\.ci)\/[\w./-]*)`/g,
    );
    return [...paths].map(([, path]) => ({ file, path })).filter(({ path }) => !exists(path));
  });
  for (const { file, path } of wrong) console.error(`${file} names ${path}, which does not exist`);
  return wrong.length === 0;
}

const CHECKS = {
  types: tool("tsc", "-b"),
  "lint and borders": tool("biome", "ci", "--error-on-warnings", "."),
  "dead code": tool("knip"),
  "contract with clients": tool("tsx", "apps/server/contract/contract.ts", "--check"),
  documents: documentsAreTrue,
  "sizes of the SDK": () =>
    spawnSync(process.execPath, [join(root, "packages/sdk/size.mjs")], { stdio: "inherit" }).status === 0,
};

const results = Object.entries(CHECKS).map(([name, check]) => ({ name, ok: check() }));
for (const { name, ok } of results) console.log(`check: ${name}: ${ok ? "passed" : "FAILED"}`);
const failed = results.filter(({ ok }) => !ok).length;
console.log(`checks: ${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
