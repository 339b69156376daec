import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { projects: ["packages/*/vitest.packed.config.ts"], maxWorkers: 2 },
});
