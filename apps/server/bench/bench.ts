// Measures what performance depends on beside a floor that does the same work as barely as can be, both in one run.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startThrowawayMongo } from "@warble/embedded";
import { measureChat } from "./measures/chat";
import { measureIdleSockets } from "./measures/idle-sockets";
import { isMet, type Line, ratioOf, tableOf } from "./report";

const OUT = join(import.meta.dirname, "../../../.warble/bench.json");

const MEASURES = { chat: measureChat, "idle-sockets": measureIdleSockets };
type Name = keyof typeof MEASURES;

const isName = (name: string): name is Name => Object.hasOwn(MEASURES, name);

async function main(names: string[]): Promise<void> {
  const unknown = names.find((name) => !isName(name));
  if (unknown !== undefined) {
    console.error(`There is no measure ${unknown}; there are ${Object.keys(MEASURES).join(", ")}.`);
    process.exitCode = 1;
    return;
  }
  const chosen = names.length > 0 ? names.filter(isName) : (Object.keys(MEASURES) as Name[]);
  const mongo = await startThrowawayMongo({ log: console.error, durable: true });
  const urlOf = (name: string) => mongo.url.replace("/warble?", `/${name}?`);
  try {
    const lines: Line[] = [];
    for (const name of chosen) {
      console.error(`Measuring ${name} …`);
      lines.push(...(await MEASURES[name](urlOf)));
    }
    console.log(tableOf(lines));
    await mkdir(dirname(OUT), { recursive: true });
    const report = lines.map((line) => ({ ...line, ratio: ratioOf(line), met: isMet(line) }));
    await writeFile(OUT, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await mongo.stop();
  }
}

await main(process.argv.slice(2));
