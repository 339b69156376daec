import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { bundle } from "./browser";
import type { Visit } from "./consumer/visit";

const run = promisify(execFile);

/** Other engines than Node and browsers, in the versions that are tried. */
const VERSIONS = { bun: "1.4.5", deno: "2.9.6", workerd: "1.20261117.1" };

/** Bun, Deno and workerd, Cloudflare's engine of the edge, as npm installs them. */
export class Engines {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async install(): Promise<Engines> {
    const dir = await mkdtemp(join(tmpdir(), "warble-engines-"));
    await writeFile(join(dir, "package.json"), JSON.stringify({ private: true, dependencies: VERSIONS }));
    await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: dir });
    return new Engines(dir);
  }

  /** What a visit heard that a program of Bun or Deno made; `module` is where the compiled visit is. */
  async program(engine: "bun" | "deno", module: string, visit: Visit): Promise<unknown> {
    const file = join(module, "..", `${engine}.mjs`);
    await writeFile(
      file,
      `import { visit } from ${JSON.stringify(module)};
      console.log(JSON.stringify(await visit(JSON.parse(process.argv[2]))));
      process.exit();`,
    );
    const args = engine === "deno" ? ["run", "--allow-all", file] : [file];
    const options = { cwd: join(module, ".."), timeout: 60_000 };
    const { stdout } = await run(this.#path(engine), [...args, JSON.stringify(visit)], options);
    return JSON.parse(stdout);
  }

  /** What a visit heard that a worker of the edge made when it was asked to. */
  async worker(module: string, visit: Visit): Promise<unknown> {
    const modules = await bundle(module);
    const entry = `import { visit } from "./page.js";
    export default { fetch: async (request) => Response.json(await visit(await request.json())) };`;
    // The first one is the program.
    const all = [["/worker.js", entry], ...modules].map(
      ([path = "", code]) => `(name = ${JSON.stringify(path.slice(1))}, esModule = ${JSON.stringify(code)})`,
    );
    const config = join(this.#dir, "worker.capnp");
    await writeFile(
      config,
      `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (
        services = [
          (name = "visit", worker = (compatibilityDate = "2026-11-01", modules = [${all.join(", ")}])),
          (name = "internet", network = (allow = ["local"])),
        ],
        sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "visit")],
      );`,
    );
    const workerd = spawn(this.#path("workerd"), ["serve", config, "--control-fd=3"], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    try {
      const { port } = await listening(workerd.stdio[3] as Readable);
      const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: JSON.stringify(visit) });
      return await answer.json();
    } finally {
      workerd.kill();
    }
  }

  remove(): Promise<void> {
    return rm(this.#dir, { recursive: true, force: true });
  }

  #path(engine: keyof typeof VERSIONS): string {
    return join(this.#dir, "node_modules/.bin", engine);
  }
}

/** What workerd says of itself, a line each. */
async function listening(control: Readable): Promise<{ port: number }> {
  for await (const line of createInterface(control)) {
    const said: { event: string; port: number } = JSON.parse(line);
    if (said.event === "listen") return said;
  }
  throw new Error("workerd has ended before it listened");
}
