import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "@warble/sdk",
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Files share a process and the modules in it, and each has a server and a database of its own.
    isolate: false,
    globalSetup: ["@warble/embedded/vitest", "@warble/server/test/built"],
  },
});
