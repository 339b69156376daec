import { setup } from "@warble/embedded/vitest";

/**
 * For `globalSetup` of vitest and of Playwright: one database server for the whole run, so that each `startWarble()` in
 * it takes a database there instead of starting a server of its own.
 * @returns what ends it
 */
// biome-ignore lint/style/noDefaultExport: where both look for it.
export default function startDatabase(): Promise<(() => Promise<void>) | undefined> {
  return setup();
}
