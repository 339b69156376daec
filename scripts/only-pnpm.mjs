// The workspace protocol and the catalog are pnpm's: any other client would leave a broken tree.
if (!(process.env.npm_config_user_agent ?? "").startsWith("pnpm")) {
  console.error("Warble is installed with pnpm: run `npx -y pnpm@10.34.9 install` instead.");
  process.exit(1);
}
