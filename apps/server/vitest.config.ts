import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "@warble/server",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 20_000,
    globalSetup: ["@warble/embedded/vitest"],
  },
});
