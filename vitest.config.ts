import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*"],
    // Two cores are the floor: more workers only fight over them.
    maxWorkers: 2,
  },
});
