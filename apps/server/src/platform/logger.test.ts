import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SERVER = fileURLToPath(new URL("../..", import.meta.url));

/** What a process of its own logs. */
function logged(script: string): { text: string; lines: Record<string, unknown>[] } {
  const source = `
    import { createLogger } from "./src/platform/logger.ts";
    const log = createLogger("trace", false);
    ${script}`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", source],
    { cwd: SERVER, encoding: "utf8" },
  );
  expect(stderr).toBe("");
  const lines = stdout.trimEnd().split("\n");
  return { text: stdout, lines: lines.map((line) => JSON.parse(line)) };
}

test("an error is logged with its stack and causes, and nothing that hangs on it", () => {
  const { text, lines } = logged(`
    const cause = Object.assign(new Error('E11000 dup key: { email: "canary" }'), {
      code: 11000, keyValue: { email: "canary" }, writeErrors: [{ op: { content: "canary" } }],
    });
    log.error({ err: new TypeError("outer", { cause }) }, "failed");
    log.error({ err: "canary" }, "failed");
  `);
  expect(text).not.toContain("canary");
  expect(lines).toMatchObject([
    {
      msg: "failed",
      err: {
        type: "TypeError",
        stack: expect.stringContaining("outer"),
        cause: { type: "Error", code: 11000, stack: expect.stringContaining("E11000 dup key\n") },
      },
    },
    { err: { type: "string" } },
  ]);
});

test("fields that hold secrets are not written, and a text cannot begin a line of its own", () => {
  const { text, lines } = logged(`
    for (const field of ["password", "token", "accessToken", "refreshToken", "authorization", "ticket", "content"]) {
      log.info({ [field]: "canary", input: { [field]: "canary", deeper: { [field]: "canary" } } }, "call");
    }
    log.info({ path: 'x\\r\\n{"level":30,"msg":"forged"}' }, 'y\\n{"msg":"forged"}');
  `);
  expect(text).not.toContain("canary");
  expect(lines).toHaveLength(8);
});
