import type { Profile } from "./profile";

/** What is to be reached: of the value, or of its ratio to what it is held against. */
interface Bound {
  of: "value" | "ratio";
  atLeast?: number;
  atMost?: number;
}

/** A line of the report that has to be reached. */
export interface Wanted {
  /** Its number in the list of measures, such as P8. */
  id: string;
  what: string;
  unit: string;
  target: Bound;
  /** What the line is about, if a small run does less. */
  asks?: string;
}

/** One line of the report. */
export interface Line extends Omit<Wanted, "target" | "asks"> {
  /** Null where this run could not measure it. */
  value: number | null;
  /** The same work done as barely as can be, or under easier conditions, in the same run. */
  against?: number;
  target?: Bound;
  /** Why it was not measured, or what was done less than the line asks for. */
  note?: string;
}

/** How a cost grows. */
export interface Chart {
  title: string;
  x: string;
  y: string;
  series: { name: string; points: [x: number, y: number][] }[];
}

/** What one call costs, on average. */
export interface Cost {
  what: string;
  /** Between the server and the database. */
  roundTrips: number;
  /** Index keys and documents that the database looked at. */
  keys: number;
  docs: number;
  /** Documents that it wrote. */
  written: number;
  /** Of the answer. */
  bytes: number;
  /** Milliseconds of the server's computing. */
  cpu: number;
}

/** What a measure has found. */
export interface Findings {
  lines: Line[];
  charts?: Chart[];
  costs?: Cost[];
}

/** All that a run has found. */
export interface Report extends Required<Findings> {
  size: string;
  at: string;
  seconds: number;
  cores: number;
  node: string;
  /** Where the servers' computing went, if that was asked for. */
  profiles: Profile[];
}

/** The value over what it is held against; undefined where one is missing. */
export const ratioOf = ({ value, against }: Line): number | undefined =>
  against === undefined || value === null ? undefined : value / against;

/** Whether a line reaches its target; undefined where it has none or was not measured. */
export function isMet(line: Line): boolean | undefined {
  if (!line.target || line.value === null) return undefined;
  const { of, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = line.target;
  const figure = of === "value" ? line.value : (ratioOf(line) ?? Number.NaN);
  return figure >= atLeast && figure <= atMost;
}

export const LINE_HEAD = ["", "measure", "value", "against", "ratio", "line"];

/** The cells of a line, as people read them. */
export function cellsOf(line: Line): string[] {
  const { id, what, value, unit, against } = line;
  return [
    id,
    what,
    value === null ? "" : `${shown(value)} ${unit}`,
    against === undefined ? "" : `${shown(against)} ${unit}`,
    shown(ratioOf(line)),
    targetOf(line),
  ];
}

/** Whether a line was reached, in a word. */
export function stateOf(line: Line): string {
  const met = isMet(line);
  if (line.value === null) return "not measured";
  return met === undefined ? "" : met ? "met" : "MISSED";
}

export const COST_HEAD = ["one call", "round trips", "keys", "documents", "written", "bytes", "computing"];

/** The cells of a cost, as people read them. */
export const cellsOfCost = ({ what, roundTrips, keys, docs, written, bytes, cpu }: Cost): string[] => [
  what,
  ...[roundTrips, keys, docs, written, bytes].map(shown),
  `${shown(cpu)} ms`,
];

/** A table for a terminal. */
export function tableOf(head: string[], body: string[][]): string {
  const rows = [head, ...body];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((row) => row.trimEnd())
    .join("\n");
}

function targetOf({ target, unit }: Line): string {
  if (!target) return "";
  const { of, atLeast, atMost } = target;
  const bound = atLeast === undefined ? `<= ${shown(atMost)}` : `>= ${shown(atLeast)}`;
  return of === "value" ? `${bound} ${unit}` : `ratio ${bound}`;
}

/** A figure with three digits that count. */
export function shown(figure: number | undefined): string {
  if (figure === undefined) return "";
  if (Math.abs(figure) >= 100) return Math.round(figure).toLocaleString("en");
  return String(Number(figure.toPrecision(3)));
}

type Figures = number[] | Float64Array;

/** The middle one of some figures. */
export const median = (figures: Figures): number => percentile(figures, 50);

/** The figure that so many per cent of the figures do not exceed. */
export function percentile(figures: Figures, percent: number): number {
  const sorted = Float64Array.from(figures).sort();
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
