import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "@warble/embedded",
    // The first test on a new machine waits for the download of mongod.
    testTimeout: 120_000,
  },
});
