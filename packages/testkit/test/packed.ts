import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { rolldown } from "rolldown";

const run = promisify(execFile);
const HERE = join(import.meta.dirname, "..");
const SDK = join(HERE, "../sdk");
const ONE_FILE = { format: "esm", codeSplitting: false } as const;

interface Manifest {
  name: string;
  version: string;
  dependencies: Record<string, string>;
}

export const manifestOf = async (dir: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(dir, "package.json"), "utf8"));

/** Runs a program to its end in a project; what it says is in the error when it fails. */
export async function inProject(dir: string, file: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, WARBLE_TEST_BUILT: "", WARBLE_TEST_MONGO_URL: "", NODE_OPTIONS: "" };
  const { stdout } = await run(file, args, { cwd: dir, env, timeout: 240_000 }).catch((error) => {
    throw new Error(`${file} ${args.join(" ")}:\n${error.stdout}\n${error.stderr}`);
  });
  return stdout;
}

/** Builds and packs the kit. @returns the tarball */
export async function packKit(to: string): Promise<string> {
  await inProject(HERE, process.execPath, "build.mjs");
  const pnpm = join(HERE, "../../node_modules/.bin/pnpm");
  await inProject(HERE, pnpm, "pack", "--pack-destination", to);
  const { version } = await manifestOf(HERE);
  return join(to, `warble-testkit-${version}.tgz`);
}

/** Packs the SDK, its code alone: how it is published is tried by its own tests. @returns the tarball */
export async function packSdk(to: string): Promise<string> {
  const [{ name, version, dependencies }, stage] = [await manifestOf(SDK), join(to, "sdk")];
  const external = Object.keys(dependencies).map((each) => new RegExp(`^${each}($|/)`));
  const code = await rolldown({ input: join(SDK, "src/index.ts"), external, platform: "neutral" });
  await code.write({ file: join(stage, "index.js"), ...ONE_FILE });
  const installed = async (each: string) =>
    [each, (await manifestOf(join(SDK, "node_modules", each))).version] as const;
  const needs = Object.fromEntries(await Promise.all(Object.keys(dependencies).map(installed)));
  const manifest = { name, version, type: "module", exports: "./index.js", dependencies: needs };
  await writeFile(join(stage, "package.json"), JSON.stringify(manifest));
  await inProject(stage, "npm", "pack", "--pack-destination", to);
  return join(to, `warble-sdk-${version}.tgz`);
}

/** Writes the blocks of the README that name their file in a first comment, as `change` has them. */
export async function writeBlocks(dir: string, change: (code: string) => string): Promise<string[]> {
  const readme = await readFile(join(HERE, "README.md"), "utf8");
  const files: string[] = [];
  for (const [, file = "", code = ""] of readme.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)) {
    await mkdir(join(dir, file, ".."), { recursive: true });
    await writeFile(join(dir, file), change(code));
    files.push(file);
  }
  return files;
}

/** A frontend that shows a user's home: a page, its server, and the SDK in one file. */
export async function writeFrontend(dir: string, ports: { api: number; web: number }): Promise<void> {
  const code = await rolldown({ input: join(SDK, "src/index.ts"), platform: "browser" });
  await code.write({ file: join(dir, "page/sdk.js"), ...ONE_FILE });
  const page = `<!doctype html><title>Home</title><script type="module">
import { createWarble } from "/sdk.js";
const warble = createWarble({ url: "http://localhost:${ports.api}" });
const { items } = await warble.api.timelines.home.query({});
for (const { tweet } of items) document.body.append(tweet.content);
</script>`;
  const server = `import { readFileSync } from "node:fs";
import { createServer } from "node:http";
createServer(({ url }, response) => {
  const isCode = url === "/sdk.js";
  response.setHeader("content-type", isCode ? "text/javascript" : "text/html");
  response.end(readFileSync(isCode ? "page/sdk.js" : "page/index.html"));
}).listen(${ports.web});`;
  await writeFile(join(dir, "page/index.html"), page);
  await writeFile(join(dir, "server.mjs"), server);
}
