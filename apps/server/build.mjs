// The server and its command, with the workspace's own code inside; what the registry provides stays outside.
import { rmSync } from "node:fs";
import { rolldown } from "rolldown";

rmSync("dist", { recursive: true, force: true });
const bundle = await rolldown({
  input: ["src/main.ts", "src/make-admin.ts"],
  external: /^(?!\.|\/|@warble\/)/,
  platform: "node",
});
await bundle.write({ dir: "dist", format: "esm", sourcemap: true });
