import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const PATIENCE_MS = 30_000;
const tsx = createRequire(import.meta.url).resolve("tsx/cli");

/** An example that runs as a process of its own. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  /** All that it has printed. */
  output = "";

  constructor(example: string, args: string[], env: Record<string, string>) {
    this.#child = spawn(process.execPath, [tsx, join(import.meta.dirname, "..", example), ...args], {
      env: { ...process.env, ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (data) => {
        this.output += data;
      });
    }
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  /** Waits until it has printed something like this. @throws with what it printed, when it does not or has ended */
  async prints(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline && this.#child.exitCode === null) {
      const [found] = pattern.exec(this.output) ?? [];
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`it did not print ${pattern}, but:\n${this.output}`);
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** @returns its exit code */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    return this.#ended;
  }
}
