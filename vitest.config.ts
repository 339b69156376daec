import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*"],
    // Two cores are the floor; a third worker runs while tests wait for clocks.
    maxWorkers: 3,
  },
});
