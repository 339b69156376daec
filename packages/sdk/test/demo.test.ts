import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { startTestApp } from "@warble/server/test";
import { expect, it } from "vitest";

const app = startTestApp();

/** Plays the demo against a server. */
function play(url: string): Promise<{ code: number | null; output: string }> {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const demo = fileURLToPath(new URL("../demo/demo.ts", import.meta.url));
  const child = spawn(process.execPath, [tsx, demo], { env: { ...process.env, WARBLE_URL: url } });
  let output = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    output += data;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

it("plays the whole story, and says so", async () => {
  const { code, output } = await play(app.running.url);
  expect(output).toMatch(/All \d+ steps were as promised/);
  expect(code).toBe(0);
});

it("exits with 1 when a step is not as promised", async () => {
  const { code, output } = await play("http://127.0.0.1:9");
  expect(output).toContain("The story broke off");
  expect(code).toBe(1);
});
