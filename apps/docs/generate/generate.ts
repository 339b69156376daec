// Makes the pages of the reference and of operation from what they are about, so that they say what is so.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { documentPages } from "./documents";
import { eventsPage } from "./events";
import { limitsPage } from "./limits";
import { PATHS } from "./paths";
import { proceduresPage } from "./procedures";
import { reasonsPage } from "./reasons";
import { writeSdkReference } from "./sdk";

await rm(PATHS.reference, { recursive: true, force: true });
await mkdir(PATHS.reference);
// First of all: others lead to its pages.
await writeSdkReference();
const pages = {
  "procedures.md": proceduresPage(),
  "events.md": eventsPage(),
  "reasons.md": reasonsPage(),
  "limits.md": limitsPage(),
};
for (const [name, page] of Object.entries(pages)) await writeFile(join(PATHS.reference, name), page);
for (const [name, page] of Object.entries(documentPages()))
  await writeFile(join(PATHS.operation, name), page);
