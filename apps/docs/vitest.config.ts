import { fileURLToPath } from "node:url";
import { defineProject } from "vitest/config";

export default defineProject({
  resolve: {
    alias: { "@simplewebauthn/browser": fileURLToPath(new URL("test/browser.ts", import.meta.url)) },
  },
  test: {
    name: "@warble/docs",
    include: ["test/**/*.test.ts"],
    // They all run at the same time.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxConcurrency: 10,
    globalSetup: ["@warble/embedded/vitest"],
  },
});
