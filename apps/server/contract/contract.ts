// `npm run contract`: writes what documents say of the API, and the contract that clients rely on, anew. It refuses a
// change that breaks clients unless it is called with --breaking; with --check it writes nothing, and says what is off.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { appRouter } from "../src/app";
import { type Contract, contractOf, type Procedures } from "../src/docs/contract";
import { breakingChanges } from "./changes";
import { readComments } from "./comments";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const CONTRACT = join(root, "docs/contract.json");
const COMMENTS = join(root, "apps/server/src/docs/comments.json");

/** A line for each thing, so that a change is seen in a review. */
function textOf(contract: Contract): string {
  const parts = Object.entries(contract).map(([part, things]) => {
    const lines = Object.entries(things).map(
      ([name, thing]) => `${JSON.stringify(name)}: ${JSON.stringify(thing)}`,
    );
    return `${JSON.stringify(part)}: {\n${lines.join(",\n")}\n}`;
  });
  return `{\n${parts.join(",\n")}\n}\n`;
}

/** What the documents need of all that the code says. */
function commentsFor({ procedures, socketCalls, schemas }: Contract): string {
  const isNeeded = (name: string) =>
    name in procedures ||
    name in socketCalls ||
    (name.split(".")[0] ?? "") in schemas ||
    /^(ServerToClient|Refused)\b/.test(name);
  const needed = Object.entries(readComments(root)).filter(([name]) => isNeeded(name));
  return `${JSON.stringify(Object.fromEntries(needed), null, 2)}\n`;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

const say = (text: string) => process.stdout.write(`${text}\n`);

function main(flags: string[]): boolean {
  const contract = contractOf(appRouter._def.procedures as unknown as Procedures);
  const [text, comments, kept] = [textOf(contract), commentsFor(contract), read(CONTRACT)];
  const broken = kept === "" ? [] : breakingChanges(JSON.parse(kept), JSON.parse(text));
  if (broken.length > 0 && !flags.includes("--breaking")) {
    say(`Clients that are in use would break:\n${broken.map((line) => `  ${line}`).join("\n")}`);
    say("Add beside what there is instead, or, when it is meant, run: npm run contract -- --breaking");
    return false;
  }
  if (!flags.includes("--check")) {
    writeFileSync(CONTRACT, text);
    writeFileSync(COMMENTS, comments);
    return true;
  }
  if (read(COMMENTS) !== comments) {
    say("apps/server/src/docs/comments.json is not what the code says: npm run contract writes it anew.");
    return false;
  }
  if (kept !== text) say("The contract holds more than docs/contract.json: npm run contract adds it.");
  return true;
}

process.exit(main(process.argv.slice(2)) ? 0 : 1);
