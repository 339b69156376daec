import { parseArgs } from "node:util";
import { readMongoUrl } from "./config";
import { explain } from "./explain";
import { invariants } from "./invariants";
// Whatever the server stores has its model and its indexes.
import "./app";
import { syncClock } from "./platform/clock";
import { judge, settling, type Verdict } from "./platform/invariant";
import { connectAsIs, disconnectMongo } from "./platform/mongo";

type Print = (line: string) => void;

const USAGE = "verify [--repair]";

/**
 * Checks the database against what always holds, also while servers run, and says a line on each; with `--repair` counts
 * again what can be counted. Exits with 0 when all holds or does again, 1 when something is left that does not, and 2 when
 * it could not be found out.
 */
export async function runVerify(env: NodeJS.ProcessEnv, args: string[]): Promise<void> {
  try {
    const { values } = parseArgs({ args, options: { repair: { type: "boolean", default: false } } });
    await connectAsIs(readMongoUrl(env));
    const stopClock = await syncClock();
    const left = await verify(values.repair, (line) => process.stdout.write(`${line}\n`)).finally(stopClock);
    process.exitCode = left === 0 ? 0 : 1;
  } catch (error) {
    const wrongCall = error instanceof TypeError && "code" in error;
    process.stderr.write(`${wrongCall ? `${error.message} Usage: ${USAGE}` : explain(error)}\n`);
    process.exitCode = 2;
  } finally {
    await disconnectMongo();
  }
}

/** Judges all invariants in the database that is connected. @returns how much is left that is off */
export async function verify(repairing: boolean, print: Print): Promise<number> {
  const settle = settling();
  let [off, repaired] = [0, 0];
  for (const invariant of invariants) {
    const verdict = await judge(invariant, settle, repairing);
    off += verdict.off;
    repaired += verdict.repaired;
    for (const line of linesOf(verdict)) print(line);
  }
  const mended = repaired > 0 ? `, ${repaired} repaired` : "";
  print(
    `${invariants.length} invariants, ${off} off${mended}${off > repaired ? `, ${off - repaired} left` : ""}`,
  );
  return off - repaired;
}

function linesOf({ name, looked, off, repaired, findings }: Verdict): string[] {
  const state = off === 0 ? "ok" : off === repaired ? "repaired" : "OFF";
  const counts =
    off === 0 ? `${looked}` : `${off} of ${looked}${repaired > 0 ? `, ${repaired} repaired` : ""}`;
  const told = findings.map(
    (each) => `  ${each.id}${each.repaired ? " repaired" : ""} ${JSON.stringify(each.how)}`,
  );
  const more = off > findings.length ? [`  and ${off - findings.length} more`] : [];
  return [`${state}: ${name} (${counts})`, ...told, ...more];
}
