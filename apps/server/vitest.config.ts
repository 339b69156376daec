import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "@warble/server",
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"],
    testTimeout: 20_000,
    // Files share a process and the modules in it, and each has a server and a database of its own.
    isolate: false,
    globalSetup: ["@warble/embedded/vitest", "@warble/server/test/built"],
  },
});
