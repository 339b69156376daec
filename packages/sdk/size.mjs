// Says how much a page loads of each entry, as its own bundler would make it small, and fails where that is too much.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { ENTRIES, subpathOf } from "./entries.mjs";

const here = dirname(fileURLToPath(import.meta.url));
/** Everything that is no file of this repository. */
const REGISTRY = /^(?!\.|\/|@warble\/)/;

/** kB, minified and gzipped, of what is loaded before anything is called: what is fetched later is not in it. */
async function weigh(source, external) {
  const onLog = (level, log, handle) => log.code === "MODULE_LEVEL_DIRECTIVE" || handle(level, log);
  const build = await rolldown({ input: join(here, source), external, platform: "browser", onLog });
  const { output } = await build.generate({ format: "esm", minify: true });
  const chunks = new Map(output.map((file) => [file.fileName, file]));
  const loaded = new Set();
  const load = ({ fileName, imports }) => {
    loaded.add(fileName);
    for (const name of imports) if (chunks.has(name) && !loaded.has(name)) load(chunks.get(name));
  };
  load(output.find(({ isEntry }) => isEntry));
  return [...loaded].reduce(
    (sum, name) => sum + gzipSync(chunks.get(name).code, { level: 9 }).length / 1000,
    0,
  );
}

let isTooMuch = false;
for (const [name, { source, own, all }] of Object.entries(ENTRIES)) {
  const measured = [
    { what: "own code", kB: await weigh(source, REGISTRY), most: own },
    { what: "with dependencies", kB: await weigh(source), most: all },
  ];
  for (const { what, kB, most } of measured) {
    const verdict =
      kB > most
        ? `TOO MUCH, ${most} at most: see what it imports, or say in entries.mjs why it may grow`
        : "";
    console.log(
      `size: @warble/sdk ${subpathOf(name)}, ${what}: ${kB.toFixed(1)} kB of ${most} ${verdict}`.trimEnd(),
    );
    isTooMuch ||= kB > most;
  }
}
process.exit(isTooMuch ? 1 : 0);
