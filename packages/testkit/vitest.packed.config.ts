import { defineProject } from "vitest/config";

// What is published, installed by npm into an empty project: it takes a minute, and the package registry.
export default defineProject({
  test: {
    name: "@warble/testkit packed",
    include: ["test/*.packed.ts"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    globalSetup: ["@warble/embedded/vitest", "@warble/server/test/built"],
  },
});
