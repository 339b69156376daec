// The server and its commands, with the workspace's own code inside; what the registry provides stays outside.
// Arguments: where to, and what else to build.
import { rmSync } from "node:fs";
import { rolldown } from "rolldown";

const [dir = "dist", ...more] = process.argv.slice(2);
rmSync(dir, { recursive: true, force: true });
const bundle = await rolldown({
  input: ["src/main.ts", "src/make-admin.ts", "src/verify.ts", ...more],
  external: /^(?!\.|\/|@warble\/)/,
  platform: "node",
});
await bundle.write({ dir, format: "esm", sourcemap: true });
