// Runs every block of the guide against a real server, and holds it to what it says that it prints.
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startTestApp } from "@warble/server/test";
import { beforeAll, describe, expect, it } from "vitest";
import { type Block, isAs, programOf, readPages, scriptOf } from "./pages";
import { leave, openStage } from "./stage";

const PROGRAMS = join(import.meta.dirname, "../.pages");
const ROOT = join(import.meta.dirname, "../../..");
const RUN = /^(ts|tsx|sh)$/;

const app = startTestApp();
const pages = readPages();
const run = promisify(execFile);

beforeAll(async () => {
  await rm(PROGRAMS, { recursive: true, force: true });
  await mkdir(PROGRAMS);
  for (const page of pages) {
    await writeFile(join(PROGRAMS, page.program), programOf(page, app.running.url));
  }
  await writeFile(join(PROGRAMS, "tsconfig.json"), JSON.stringify(STRICT));
  openStage(app);
});

/** What a frontend that takes types seriously has. */
const STRICT = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023", "ES2024.String", "DOM", "DOM.Iterable"],
    module: "ESNext",
    jsx: "react-jsx",
    moduleResolution: "bundler",
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    resolveJsonModule: true,
    types: ["node"],
    typeRoots: ["../../../node_modules/@types"],
  },
  include: ["*.ts", "*.tsx"],
};

/** A place in a program is the same place in its page. */
const inPage = (text: string): string =>
  text.replace(/\S*?([\w-]+)\.tsx?[:(](\d+)[,:]\d+\)?/g, "guide/$1.md:$2");

describe.concurrent("the guide", () => {
  it.each(pages)("does on the page $name what it says", async (page) => {
    try {
      await import(join(PROGRAMS, page.program));
      for (const block of page.blocks.filter(({ info }) => info === "sh")) await runScript(block);
    } catch (error) {
      const { message, stack = "" } = error as Error;
      const [, line] = /^line (\d+)/.exec(message) ?? new RegExp(`/${page.program}:(\\d+)`).exec(stack) ?? [];
      throw new Error(`guide/${page.name}.md:${line}: ${message.replace(/^line \d+: /, "")}`, {
        cause: error,
      });
    }
    expect(leave(page.name), "is printed, and no line says so").toEqual([]);
  });

  it("has the types that it should", async () => {
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const checked = run(tsc, ["--singleThreaded", "-p", PROGRAMS]);
    const { stdout } = await checked.catch((error: { stdout: string }) => error);
    expect(inPage(stdout)).toBe("");
  });
});

async function runScript(block: Block): Promise<void> {
  const { script, expected } = scriptOf(block, app.running.url);
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script]);
  const lines = stdout.trimEnd().split("\n");
  for (const [index, text] of expected.entries()) {
    if (!isAs(lines[index] ?? "", text)) throw new Error(`line ${block.line}: printed ${lines[index]}`);
  }
}

it("has no block that does not run", () => {
  const unknown = ({ info }: Block) => !RUN.test(info);
  const odd = pages.flatMap(({ name, blocks }) =>
    blocks.filter(unknown).map(({ line }) => `guide/${name}.md:${line}`),
  );
  expect(odd).toEqual([]);
});

it("gives each page people of its own", () => {
  const cast = pages.flatMap(({ people, admins }) => [...people, ...admins]);
  expect(cast.filter((name, index) => cast.indexOf(name) !== index)).toEqual([]);
});
