import { defineConfig } from "vitest/config";

// What is published, packed and installed by npm into empty projects: it takes minutes, and the package registry.
export default defineConfig({
  test: {
    include: ["packages/*/test/*.packed.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    globalSetup: ["@warble/embedded/vitest", "@warble/server/test/built"],
  },
});
