import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Answer, Backend } from "@warble/server/testkit";

type Ask = keyof Backend;
type Said<Name extends Ask> = Awaited<ReturnType<Backend[Name]>>;

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
}

/** The server, in a process of its own that ends with this one. */
export class Program {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  /** Why nothing more can be asked. */
  #ended: string | undefined;

  constructor() {
    const { file, execArgv } = programFile();
    this.#child = fork(file, [], {
      execArgv,
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.on("message", (answer: Answer) => this.#take(answer));
    this.#child.once("error", (error) => this.#end(`The backend could not be started: ${error.message}`));
    this.#child.once("exit", (code, signal) =>
      this.#end(`The backend has ended by itself (${signal ?? `exit code ${code}`}).`),
    );
  }

  /** Has the backend do something. @throws Error with its own words, or when it has ended */
  ask<Name extends Ask>(name: Name, ...input: Parameters<Backend[Name]>): Promise<Said<Name>> {
    this.requireRunning();
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ask: name, input: input[0] });
    });
  }

  /** @throws Error when it has ended */
  requireRunning(): void {
    if (this.#ended !== undefined) throw new Error(this.#ended);
  }

  /** Ends it, and drops its database. */
  async stop(): Promise<void> {
    if (this.#ended !== undefined) return;
    const gone = once(this.#child, "exit");
    const dropped = this.ask("stop").catch(() => undefined);
    this.#ended = "This Warble has been stopped: startWarble() starts another.";
    await dropped;
    this.#child.kill("SIGKILL");
    await gone;
  }

  #take(said: Answer): void {
    const waiting = this.#waiting.get(said.id);
    this.#waiting.delete(said.id);
    if (said.ok) waiting?.resolve(said.answer as never);
    else waiting?.reject(new Error(said.error));
  }

  #end(why: string): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.values()) reject(new Error(this.#ended));
    this.#waiting.clear();
  }
}

/** The server's program as it is packed beside this; in the workspace as a run's set-up has built it, or its source. */
function programFile(): { file: string; execArgv: string[] } {
  const packed = fileURLToPath(new URL("./backend.js", import.meta.url));
  if (existsSync(packed)) return { file: packed, execArgv: [] };
  // biome-ignore lint/style/noProcessEnv: how the set-up of a run tells its workers.
  const built = process.env.WARBLE_TEST_BUILT;
  if (built) return { file: join(built, "backend.js"), execArgv: [] };
  const { resolve } = createRequire(import.meta.url);
  const loader = pathToFileURL(resolve("tsx")).href;
  return { file: resolve("@warble/server/testkit"), execArgv: ["--import", loader] };
}
