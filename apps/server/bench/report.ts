/** One measured figure, with what it is to be held against. */
export interface Line {
  /** Its number in the list of measures, such as P8. */
  id: string;
  what: string;
  value: number;
  unit: string;
  /** The same work done as barely as can be, in the same run. */
  floor?: number;
  /** What is to be reached: of `value`, or of its ratio to the floor. */
  target?: { of: "value" | "ratio"; atLeast?: number; atMost?: number };
}

/** The value over the floor's; undefined where there is no floor. */
export const ratioOf = ({ value, floor }: Line): number | undefined =>
  floor === undefined ? undefined : value / floor;

/** Whether a line reaches its target; undefined where it has none. */
export function isMet(line: Line): boolean | undefined {
  if (!line.target) return undefined;
  const { of, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = line.target;
  const figure = of === "value" ? line.value : (ratioOf(line) ?? Number.NaN);
  return figure >= atLeast && figure <= atMost;
}

const HEAD = ["", "measure", "value", "floor", "ratio", "line", ""];

/** A table of the lines, for a terminal. */
export function tableOf(lines: Line[]): string {
  const rows = [HEAD, ...lines.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((row) => row.trimEnd())
    .join("\n");
}

function rowOf(line: Line): string[] {
  const met = isMet(line);
  return [
    line.id,
    line.what,
    `${shown(line.value)} ${line.unit}`,
    line.floor === undefined ? "" : `${shown(line.floor)} ${line.unit}`,
    shown(ratioOf(line)),
    targetOf(line),
    met === undefined ? "" : met ? "met" : "MISSED",
  ];
}

function targetOf({ target, unit }: Line): string {
  if (!target) return "";
  const { of, atLeast, atMost } = target;
  const bound = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  return of === "value" ? `${bound} ${unit}` : `ratio ${bound}`;
}

function shown(figure: number | undefined): string {
  if (figure === undefined) return "";
  return figure >= 100 ? Math.round(figure).toLocaleString("en") : figure.toPrecision(3);
}

/** The middle one of some figures. */
export const median = (figures: number[]): number => percentile(figures, 50);

/** The figure that so many per cent of the figures do not exceed. */
export function percentile(figures: number[], percent: number): number {
  const sorted = figures.toSorted((one, other) => one - other);
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
