import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
let declarations = "";

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [here("build.mjs")]);
  declarations = await readFile(here("dist/index.d.ts"), "utf8");
}, 120_000);

const importsOf = (code: string): string[] => [
  ...new Set([...code.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)].map(([, name]) => name ?? "")),
];

it("declares the whole API and imports nothing of the server's", () => {
  const allowed = /^(@trpc\/|socket\.io-client$|zod$)/;
  expect(importsOf(declarations).filter((name) => !allowed.test(name))).toEqual([]);
  expect(declarations).toContain("createWarble");
  expect(declarations).toMatch(/timelines/);
});

it("keeps what procedures say of themselves", () => {
  expect(declarations).toContain("Exchanges a refresh token for the next pair of tokens.");
});

it("names the shapes of answers instead of spelling them out", () => {
  expect(declarations).toMatch(/output: Tweet;/);
  expect(declarations.length).toBeLessThan(180_000);
});

it("publishes code that imports only what its package names", async () => {
  const manifest = JSON.parse(await readFile(here("package.json"), "utf8"));
  const code = await readFile(here("dist/index.js"), "utf8");
  const packages = importsOf(code).map((name) =>
    name
      .split("/")
      .slice(0, name.startsWith("@") ? 2 : 1)
      .join("/"),
  );
  expect(packages.filter((name) => !(name in manifest.dependencies))).toEqual([]);
});
