import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "@warble/docs",
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ["@warble/embedded/vitest"],
  },
});
