import { join } from "node:path";

/** What can be started as a process of its own, as the global set-up has built it. */
export function built(entry: "main" | "make-admin" | "node" | "verify"): string {
  const dir = process.env.WARBLE_TEST_BUILT;
  if (!dir) throw new Error("WARBLE_TEST_BUILT is not set: the global set-up builds the server");
  return join(dir, `${entry}.js`);
}
