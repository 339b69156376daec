import { execFile } from "node:child_process";
import type { Env } from "./recipe";

interface Outcome {
  /** The exit code; undefined where it did not run to its end. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  error: Error | null;
}

/** Runs a program to its end and never throws. */
export function run(command: readonly string[], env: Env, timeout: number): Promise<Outcome> {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    execFile(file, args, { env: env as NodeJS.ProcessEnv, timeout }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      resolve({ code: typeof code === "number" ? code : undefined, stdout, stderr, error });
    });
  });
}

/** The last line that says something. */
export const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() ?? "";
