import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "@warble/testkit",
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    isolate: false,
    globalSetup: ["@warble/embedded/vitest", "@warble/server/test/built"],
  },
});
