import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as launcher } from "playwright-core";
import { type InputOptions, rolldown } from "rolldown";

const UNWANTED = /^--(single-process|disable-web-security|no-zygote)/;

/** Why there is no browser to test with; empty where there is one. */
export const noBrowser =
  process.env.CHROMIUM_PATH || (process.platform === "linux" && process.arch === "x64")
    ? ""
    : "only linux x64 gets a browser from npm: set CHROMIUM_PATH to an installed Chromium";

/** Starts CHROMIUM_PATH, or the Chromium that came with the packages. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? (await chromium.executablePath());
  if (!existsSync(executablePath)) throw new Error(`There is no Chromium at ${executablePath}.`);
  const args = chromium.args.filter((arg) => !UNWANTED.test(arg));
  return launcher.launch({ executablePath, args: ["--no-sandbox", ...args], headless: true });
}

/** React's packages say which of their modules are for the page, and the bundler that it cannot: here all are. */
export const heard: NonNullable<InputOptions["onLog"]> = (level, log, handle) =>
  void (log.code === "MODULE_LEVEL_DIRECTIVE" || handle(level, log));

/** A module with all that it needs, as modules for a page, by the name that it asks for them: `/page.js` first. */
export async function bundle(page: string): Promise<Map<string, string>> {
  const build = await rolldown({
    input: { page },
    platform: "browser",
    cwd: dirname(page),
    transform: { define: { "process.env.NODE_ENV": '"development"' } },
    onLog: heard,
  });
  const { output } = await build.generate({ format: "esm" });
  return new Map(output.map((file) => [`/${file.fileName}`, "code" in file ? file.code : ""]));
}

const PAGE = `<!doctype html><title>Warble</title><script type="module">
import { createWarble } from "/page.js";
const warble = createWarble({ url: new URLSearchParams(location.search).get("server") });
Object.assign(window, { warble, seen: [], received: [], opened: 0, failed: [] });
warble.chat.on("message", ({ content }) => received.push(content));
</script>`;

/** Serves a page that has a client as `warble`, or another one with its code, from an origin of its own. */
export const servePage = async (path = "../src/index.ts", html = PAGE): Promise<ServedPage> =>
  serve(await bundle(fileURLToPath(new URL(path, import.meta.url))), html);

interface ServedPage {
  origin: string;
  close: () => Promise<void>;
}

/** Serves these modules, and this page at every other path. */
export async function serve(modules: Map<string, string>, html: string): Promise<ServedPage> {
  const server = createServer(({ url = "" }, response) => {
    const code = modules.get(url);
    response.setHeader("content-type", code === undefined ? "text/html" : "text/javascript");
    response.end(code ?? html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the page has no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
