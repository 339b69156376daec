import { found, LINES } from "../lines";
import { type Findings, type Line, percentile } from "../report";
import type { Stage } from "../stage";
import { homesOf, inTurns, type Result, warm } from "./rounds";

const AT_ONCE = 16;

/** P1: pages of home a second, beside a server that keeps nothing and one that keeps all that is shared. */
export async function measureHome(stage: Stage): Promise<Findings> {
  const town = await stage.town();
  const readers = town.crowd.readers(stage.size.readers);
  const ids = readers.map((reader) => String(town.crowd.userId(reader)));
  const warble = { target: await stage.warble(town), calls: homesOf(await stage.tokens(town, readers)) };
  await warm(stage, warble);
  const { mongoUrl } = town;
  const [queries, memory] = await Promise.all([
    stage.start("home-queries", { mongoUrl }),
    stage.start("home-memory", { mongoUrl, args: [ids.join()] }),
  ]);
  const floors = [queries, memory].map((target) => ({ target, calls: homesOf(ids) }));
  const [ours, nothingKept, allKept] = await inTurns(stage, [warble, ...floors], { atOnce: AT_ONCE });
  await Promise.all([queries.stop(), memory.stop()]);
  if (!ours || !nothingKept || !allKept) throw new Error("a side is missing");
  const { home } = LINES;
  return {
    lines: [
      found(home.queries, { value: ours.rate, against: nothingKept.rate }),
      found(home.memory, { value: ours.rate, against: allKept.rate }),
      ...detailsOf(ours, allKept),
    ],
  };
}

function detailsOf(ours: Result, floor: Result): Line[] {
  const line = (what: string, unit: string, of: (result: Result) => number): Line => ({
    id: "P1",
    what: `home page: ${what}`,
    unit,
    value: of(ours),
    against: of(floor),
  });
  return [
    line("computing", "ms", ({ cpu }) => cpu),
    line("bytes", "B", ({ bytes }) => bytes),
    line(`p50, ${AT_ONCE} at once`, "ms", ({ ms }) => percentile(ms, 50)),
    line(`p99, ${AT_ONCE} at once`, "ms", ({ ms }) => percentile(ms, 99)),
  ];
}
