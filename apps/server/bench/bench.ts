// Measures what performance depends on beside a floor that does the same work as barely as can be, both in one run.
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LINES, type MeasureName, missing } from "./lines";
import { MEASURES } from "./measures/measures";
import { pageOf } from "./page";
import { profilesIn, takeProfiles } from "./profile";
import {
  COST_HEAD,
  cellsOf,
  cellsOfCost,
  type Findings,
  LINE_HEAD,
  type Report,
  stateOf,
  tableOf,
} from "./report";
import { isSize, SIZES, type SizeName } from "./sizes";
import { onStage, type Stage } from "./stage";

const OUT = join(import.meta.dirname, "../../../.warble");
const PROFILES = join(OUT, "profiles");
const USAGE = `bench [--profile] [--size ${Object.keys(SIZES).join("|")}] [${Object.keys(LINES).join("|")} ...]`;

const isMeasure = (name: string): name is MeasureName => Object.hasOwn(LINES, name);

const ALL = Object.keys(LINES) as MeasureName[];

/** What is asked for. @throws Error when there is no such thing */
function readArgs(args: string[]): { size: SizeName; names: MeasureName[]; profile: boolean } {
  const options = {
    size: { type: "string", default: "small" },
    profile: { type: "boolean", default: false },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const unknown = positionals.find((name) => !isMeasure(name));
  if (unknown !== undefined) throw new Error(`There is no measure ${unknown}.`);
  if (!isSize(values.size)) throw new Error(`There is no size ${values.size}.`);
  const names = positionals.length > 0 ? positionals.filter(isMeasure) : ALL;
  return { size: values.size, names, profile: values.profile };
}

async function run({ size, names, profile }: ReturnType<typeof readArgs>): Promise<void> {
  const start = performance.now();
  if (profile) await takeProfiles(PROFILES);
  const reportOf = async (found: Required<Findings>): Promise<Report> => ({
    size,
    at: new Date().toISOString(),
    seconds: (performance.now() - start) / 1000,
    cores: availableParallelism(),
    node: process.version,
    profiles: profile ? await profilesIn(PROFILES) : [],
    ...found,
  });
  // What has been measured is there to be read while the rest is: the large sizes take hours.
  const measured = async (found: Required<Findings>) => keep(await reportOf(found));
  const report = await reportOf(await onStage(SIZES[size], (stage) => measure(stage, names, measured)));
  const rows = report.lines.map((line) => [
    ...cellsOf(line),
    [stateOf(line), line.note].filter(Boolean).join(": "),
  ]);
  console.log(tableOf([...LINE_HEAD, ""], rows));
  if (report.costs.length > 0) console.log(`\n${tableOf(COST_HEAD, report.costs.map(cellsOfCost))}`);
  await keep(report);
  console.log(`\nThe same with charts: ${join(OUT, "bench.html")}`);
  if (names === ALL) console.log(othersOf(size, report.seconds));
}

/** Takes the measures in turns. One that fails leaves its lines without a figure, and the run with an error. */
async function measure(
  stage: Stage,
  names: MeasureName[],
  measured: (all: Required<Findings>) => Promise<void>,
): Promise<Required<Findings>> {
  const all: Required<Findings> = { lines: [], charts: [], costs: [] };
  for (const name of names) {
    const start = performance.now();
    const {
      lines,
      charts = [],
      costs = [],
    } = await MEASURES[name](stage).catch((error: unknown): Findings => {
      console.error(error);
      process.exitCode = 1;
      return { lines: Object.values(LINES[name]).map((line) => missing(line, "it failed, see above")) };
    });
    all.lines.push(...lines);
    all.charts.push(...charts);
    all.costs.push(...costs);
    await measured(all);
    console.error(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  return all;
}

async function keep(report: Report): Promise<void> {
  await mkdir(OUT, { recursive: true });
  await writeFile(join(OUT, "bench.json"), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(OUT, "bench.html"), pageOf(report));
}

/** How long the other sizes take, if they are slower than usual by as much as this run was. */
function othersOf(size: SizeName, seconds: number): string {
  const others = (Object.keys(SIZES) as SizeName[]).filter((other) => other !== size);
  const told = others.map((other) => {
    const minutes = ((SIZES[other].seconds / SIZES[size].seconds) * seconds) / 60;
    return `--size ${other} takes about ${Math.ceil(minutes)} minutes`;
  });
  return `This took ${Math.round(seconds)} s; ${told.join(", ")}.`;
}

function asked(): ReturnType<typeof readArgs> | undefined {
  try {
    return readArgs(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nUsage: ${USAGE}`);
    process.exitCode = 1;
    return undefined;
  }
}

const args = asked();
if (args) await run(args);
