import { execFile } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { startTestApp } from "@warble/server/test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, noBrowser, serve, startBrowser } from "./browser";
import type { Visit } from "./consumer/visit";
import { Engines } from "./engines";
import { comeIn, PASSWORD } from "./people";
import { type CompilerVersion, compile, installPublished, type Project } from "./published";
import { loadBare, RUNTIMES } from "./runtime";

// What would be published, as somebody has it who installs it: packed, and installed outside the workspace.
const modules = new Map<string, string>();
const page = await serve(modules, "<!doctype html><title>Visit</title>");
const app = startTestApp({ corsOrigins: [page.origin] });
let project: Project;
let manifest: { exports: Record<string, unknown>; dependencies: object; peerDependencies: object };

beforeAll(async () => {
  project = await installPublished();
  manifest = JSON.parse(await readFile(join(project.installed, "package.json"), "utf8"));
}, 180_000);
afterAll(async () => {
  await page.close();
  await rm(project.dir, { recursive: true, force: true });
});

const published = (file: string) => readFile(join(project.installed, "dist", file), "utf8");
const importsOf = (code: string): string[] => [
  ...new Set(
    [...code.matchAll(/(?:from|import|import\(|require\()\s*["']([^"'.][^"']*)["']/g)].map(
      ([, name]) => name ?? "",
    ),
  ),
];
const packageOf = (name: string) =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

describe("the declarations", () => {
  it("of the core declare the whole API, and import nothing but tRPC and the socket", async () => {
    const core = await published("index.d.ts");
    const allowed = /^(@trpc\/|socket\.io-client$)/;
    expect(importsOf(core).filter((name) => !allowed.test(name))).toEqual([]);
    expect(core).toContain("createWarble");
    expect(core).toMatch(/timelines/);
  });

  it("keep what procedures say of themselves", async () => {
    expect(await published("index.d.ts")).toContain("Exchanges a refresh token for the next pair of tokens.");
  });

  it("name the shapes of answers instead of spelling them out", async () => {
    const core = await published("index.d.ts");
    expect(core).toMatch(/output: Tweet;/);
    expect(core.length).toBeLessThan(200_000);
  });

  it("give a frontend's compiler at most 1,500 types to hold", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(import.meta.dirname, "../count-types.mjs"),
    ]);
    expect(Number(stdout)).toBeLessThanOrEqual(1_500);
  }, 60_000);
});

describe("the package", () => {
  it("imports only what it names, wherever it is", async () => {
    const files = await readdir(join(project.installed, "dist"), { recursive: true });
    const named = { ...manifest.dependencies, ...manifest.peerDependencies };
    const code = await Promise.all(files.filter((file) => /\.(c?js|d\.c?ts)$/.test(file)).map(published));
    expect(code.length).toBeGreaterThan(10);
    expect(code.flatMap(importsOf).filter((name) => !(packageOf(name) in named))).toEqual([]);
  });

  it("tells server components what of React's they are not to run, and what has none of it", async () => {
    const files = (await readdir(join(project.installed, "dist"), { recursive: true })).filter((file) =>
      /\.c?js$/.test(file),
    );
    const code = await Promise.all(files.map(published));
    const marked = files.filter((_, index) => code[index]?.startsWith('"use client";'));
    expect(marked).toHaveLength(2);
    expect(files.filter((_, index) => importsOf(code[index] ?? "").includes("react"))).toEqual(marked);
    expect(marked).not.toContain("react.js");
  });

  it("has nothing that publint would mend", async () => {
    const { messages, pkg } = await publint({ pkgDir: project.installed, strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("has no wrong types, however it is resolved", async () => {
    const tarball = createPackageFromTarballData(new Uint8Array(await readFile(project.tarball)));
    const checked = await checkPackage(tarball);
    // Before TypeScript 5 the compiler knew no subpaths.
    const problems = checked.types
      ? checked.problems.filter((p) => !("resolutionKind" in p) || p.resolutionKind !== "node10")
      : ["no types"];
    expect(problems).toEqual([]);
  });

  it.each([
    ["5.9", ["node16"]],
    ["6.0", ["bundler"]],
    ["7.0", ["node16", "bundler"]],
  ] as const)(
    "passes TypeScript %s at its strictest, and is refused what is wrong",
    async (version: CompilerVersion, modules) => {
      const said = await Promise.all(modules.map((module) => compile(project, { version, module })));
      expect(said).toEqual(modules.map(() => ""));
    },
    120_000,
  );
});

describe("what was installed runs", () => {
  const heard = [
    "tweeted",
    "mention",
    "Hello in private",
    "TWEET_NOT_FOUND",
    "warble,tweets,get",
    "not to be registered",
    "6 of 280, hashtag",
  ];
  const compiled = (file: string) => join(project.dir, "dist-7.0-nodenext", file);
  const visitors = async (): Promise<Visit> => {
    const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
    return { url: app.running.url, password: PASSWORD, names: [alice.name, bob.name] };
  };
  beforeAll(async () => {
    expect(await compile(project, { version: "7.0", module: "nodenext" })).toBe("");
  }, 60_000);

  it.each([
    { how: "imported", type: "module", take: "import {NAME} from PATH;", kind: "mjs" },
    { how: "required", type: "commonjs", take: "const {NAME} = require(PATH);", kind: "cjs" },
  ])(
    "in Node, $how",
    async ({ type, take, kind }) => {
      const taken = ["visit", "shown"].map((name) =>
        take.replace("NAME", name).replace("PATH", JSON.stringify(compiled(`${name}.${kind}`))),
      );
      const code = `${taken.join("\n")}
      visit(JSON.parse(process.argv[1])).then((heard) => console.log(JSON.stringify([...heard, shown()])));`;
      const args = [`--input-type=${type}`, "-e", code, JSON.stringify(await visitors())];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
      expect(JSON.parse(stdout)).toEqual([
        ...heard,
        expect.stringMatching(/^<p title="[^"]*tweets.*">loading<\/p>$/),
      ]);
    },
    90_000,
  );

  it.skipIf(noBrowser !== "")(
    "in Chromium",
    async () => {
      for (const [path, code] of await bundle(compiled("visit.mjs"))) modules.set(path, code);
      const browser = await startBrowser();
      try {
        const tab = await browser.newPage();
        await tab.goto(page.origin);
        const visit = `import("/page.js").then(({ visit }) => visit(${JSON.stringify(await visitors())}))`;
        expect(await tab.evaluate(visit)).toEqual(heard);
      } finally {
        await browser.close();
      }
    },
    90_000,
  );

  describe("in other engines", () => {
    let engines: Engines;
    beforeAll(async () => {
      engines = await Engines.install();
    }, 180_000);
    afterAll(() => engines.remove());

    it.each(["bun", "deno"] as const)(
      "such as %s",
      async (engine) => {
        expect(await engines.program(engine, compiled("visit.mjs"), await visitors())).toEqual(heard);
      },
      90_000,
    );

    it("such as workerd, at the edge", async () => {
      expect(await engines.worker(compiled("visit.mjs"), await visitors())).toEqual(heard);
    }, 90_000);
  });

  describe.each(Object.entries(RUNTIMES))("with what %s has and nothing else", (_, globals) => {
    it("imports every entry", async () => {
      const entries = Object.keys(manifest.exports).filter((subpath) => subpath !== "./package.json");
      for (const subpath of entries) {
        const file = subpath === "." ? "index.js" : `${subpath}.js`;
        const loaded = await loadBare(join(project.installed, "dist", file), globals);
        expect(Object.keys(loaded).length, subpath).toBeGreaterThan(0);
      }
    }, 60_000);

    it("calls the server", async () => {
      const loaded = await loadBare(join(project.installed, "dist/index.js"), globals);
      const { createWarble } = loaded as Pick<typeof import("../src/index"), "createWarble">;
      const { api } = createWarble({ url: app.running.url });
      const answer = api.tweets.get.query({ id: "0".repeat(24) });
      await expect(answer).rejects.toMatchObject({ name: "WarbleError", reason: "TWEET_NOT_FOUND" });
    });
  });

  it("hears a stream where there is what the web has in common", async () => {
    const loaded = await loadBare(join(project.installed, "dist/index.js"), RUNTIMES.edge);
    const { createWarble, memoryStorage } = loaded as unknown as typeof import("../src/index");
    const bob = await comeIn(app, "bob");
    const storage = memoryStorage(await bob.auth.tokens());
    const { notifications } = createWarble({ url: app.running.url, storage });
    await new Promise<void>((onOpen, onError) => notifications.watch({ onEvent: () => {}, onOpen, onError }));
    expect(app.running.app.channels.countOf(bob.id, "stream")).toBe(1);
    notifications.close();
  });
});
