// Builds what is published: the kit, the server's program beside it, and declarations. The workspace's own code is inside,
// but for the SDK, which is the frontend's; what the registry provides stays outside.
import { copyFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";

const here = dirname(fileURLToPath(import.meta.url));
const dir = join(here, "dist");
const external = /^(?!\.|\/|@warble\/)|^@warble\/sdk$/;

rmSync(dir, { recursive: true, force: true });
const code = await rolldown({
  input: {
    index: join(here, "src/index.ts"),
    setup: join(here, "src/setup.ts"),
    backend: join(here, "../../apps/server/testkit/backend.ts"),
  },
  external,
  platform: "node",
});
await code.write({ dir, format: "esm" });
// A process of its own, which the kit finds beside itself.
copyFileSync(join(here, "../embedded/src/throwaway-watchdog.mjs"), join(dir, "throwaway-watchdog.mjs"));

const types = await rollup({
  input: { index: join(here, "src/index.ts"), setup: join(here, "src/setup.ts") },
  external,
  plugins: [dts({ tsconfig: join(here, "tsconfig.json") })],
});
await types.write({ dir, format: "esm" });
