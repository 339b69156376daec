import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const SDK = join(import.meta.dirname, "..");
/** What is compiled in the project, as modules of both kinds. */
const CONSUMER = join(import.meta.dirname, "consumer");
const ROOT = join(SDK, "../..");
const PNPM = join(ROOT, "node_modules/pnpm/bin/pnpm.cjs");

/** Where the compilers are that are tried. */
const COMPILERS = {
  "5.9": require.resolve("typescript5/package.json"),
  "6.0": require.resolve("typescript6/package.json"),
  "7.0": require.resolve("typescript/package.json"),
};
export type CompilerVersion = keyof typeof COMPILERS;

const { peerDependencies }: { peerDependencies: object } = require("../package.json");
const directoryOf = (name: string) => dirname(require.resolve(`${name}/package.json`));

/** A project of somebody else that has installed what would be published. */
export interface Project {
  dir: string;
  tarball: string;
  /** Where the package is in it. */
  installed: string;
}

/** Packs the SDK, which builds it, and installs it by npm into an empty project outside the workspace. */
export async function installPublished(): Promise<Project> {
  const dir = await mkdtemp(join(tmpdir(), "warble-project-"));
  await run(process.execPath, [PNPM, "pack", "--pack-destination", dir], { cwd: SDK });
  const [packed = ""] = (await readdir(dir)).filter((file) => file.endsWith(".tgz"));
  const tarball = join(dir, packed);
  // What the package leaves to its users, and the compiler that tRPC asks for, are here already.
  const here = [
    "typescript",
    "@types/react",
    "@types/react-dom",
    "react-dom",
    ...Object.keys(peerDependencies),
  ];
  const manifest = {
    private: true,
    dependencies: { "@warble/sdk": `file:${tarball}` },
    devDependencies: Object.fromEntries(here.map((name) => [name, `file:${directoryOf(name)}`])),
  };
  await writeFile(join(dir, "package.json"), JSON.stringify(manifest));
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: dir,
  });
  await mkdir(join(dir, "src"));
  for (const file of await readdir(CONSUMER)) {
    for (const kind of ["mts", "cts"]) {
      await copyFile(join(CONSUMER, file), join(dir, "src", file.replace(/ts$/, kind)));
    }
  }
  return { dir, tarball, installed: join(dir, "node_modules/@warble/sdk") };
}

interface Compilation {
  version: CompilerVersion;
  module: "node16" | "nodenext" | "bundler";
}

/** Compiles the project as strictly as can be, into `dist-<module>`; what the compiler says where it refuses. */
export async function compile({ dir }: Project, { version, module }: Compilation): Promise<string> {
  const config = `tsconfig.${version}.${module}.json`;
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022", "esnext.disposable", "dom", "dom.iterable"],
    ...(module === "bundler" ? { module: "esnext", moduleResolution: "bundler" } : { module }),
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    skipDefaultLibCheck: true,
    types: [],
    rootDir: "src",
    outDir: `dist-${version}-${module}`,
  };
  await writeFile(join(dir, config), JSON.stringify({ compilerOptions, include: ["src"] }));
  const args = [join(dirname(COMPILERS[version]), "bin/tsc"), "-p", config];
  if (version === "7.0") args.push("--singleThreaded");
  return run(process.execPath, args, { cwd: dir }).then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
}
