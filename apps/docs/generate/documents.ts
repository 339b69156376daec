import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PATHS } from "./paths";

const read = (path: string): string => readFileSync(join(PATHS.repository, path), "utf8");

/** The part of a document under one heading of the second level, which becomes the page's. @throws without it */
function section(document: string, heading: string): string {
  const [, body] = document.split(`\n## ${heading}\n`);
  if (body === undefined) throw new Error(`there is no "${heading}"`);
  const [part = ""] = body.split("\n## ");
  return `# ${heading}\n${part.replaceAll("\n### ", "\n## ")}`;
}

/** The repository's own documents for whoever runs a server, as pages of the site. */
export const documentPages = (): Record<string, string> => ({
  "running.md": section(read("README.md"), "Running it for strangers").replaceAll(
    "docs/scale.md",
    "./scale.md",
  ),
  "scale.md": read("docs/scale.md"),
  "security.md": read("SECURITY.md"),
});
