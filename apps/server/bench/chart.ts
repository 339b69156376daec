import { type Chart, shown } from "./report";

const WIDTH = 360;
const HEIGHT = 230;
const EDGE = { left: 44, right: 14, top: 22, bottom: 36 };
const COLOURS = ["var(--a)", "var(--b)", "var(--c)"];
/** Where the largest is so many times the smallest, each step is ten times the last. */
const LOGARITHMIC = 20;
const TICKS = 4;

/** A place on an axis, and what is written there. */
interface Axis {
  at: (figure: number) => number;
  ticks: number[];
}

/** A chart as an SVG for a page; its figures can be read by pointing at them. */
export function chartSvg({ title, x, y, series }: Chart): string {
  const points = series.flatMap((each) => each.points);
  const across = acrossOf(points.map(([figure]) => figure));
  const up = upOf(points.map(([, figure]) => figure));
  const legend = series.map(
    ({ name }, index) => `<span><i style="background:${COLOURS[index]}"></i>${name}</span>`,
  );
  return `<figure><figcaption>${title}</figcaption>${series.length > 1 ? `<div class="legend">${legend.join("")}</div>` : ""}
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
<text x="0" y="11">${y}</text>
${up.ticks.map((tick) => gridLine(tick, up)).join("")}
${across.ticks.map((tick) => `<text x="${across.at(tick)}" y="${HEIGHT - 20}" text-anchor="middle">${brief(tick)}</text>`).join("")}
<text x="${WIDTH - EDGE.right}" y="${HEIGHT - 4}" text-anchor="end">${x}</text>
${series.map(({ points }, index) => seriesOf(points, { across, up, colour: COLOURS[index] ?? "" })).join("\n")}
</svg></figure>`;
}

function gridLine(tick: number, { at }: Axis): string {
  const height = at(tick);
  return `<line class="grid" x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${height}" y2="${height}"/>
<text x="${EDGE.left - 6}" y="${height + 4}" text-anchor="end">${brief(tick)}</text>`;
}

interface Drawing {
  across: Axis;
  up: Axis;
  colour: string;
}

/** Few points are shown one by one, many only as a line. */
const MARKED = 12;

function seriesOf(points: [number, number][], { across, up, colour }: Drawing): string {
  const places = points.map(([x, y]) => [across.at(x), up.at(y)] as const);
  const line = places.map((place) => place.map((figure) => figure.toFixed(1)).join()).join(" ");
  const marks =
    points.length > MARKED
      ? []
      : points.map(([x, y], index) => {
          const [cx = 0, cy = 0] = places[index] ?? [];
          return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="4" fill="${colour}"><title>${x.toLocaleString("en")}: ${shown(y)}</title></circle>`;
        });
  return `<polyline class="series" stroke="${colour}" points="${line}"/>${marks.join("")}`;
}

function acrossOf(figures: number[]): Axis {
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  const logarithmic = least > 0 && most / least >= LOGARITHMIC;
  const scale = logarithmic ? Math.log10 : (figure: number) => figure;
  const [from, to] = [scale(least), scale(most)];
  const at = (figure: number) => {
    const share = to === from ? 0.5 : (scale(figure) - from) / (to - from);
    return EDGE.left + 8 + share * (WIDTH - EDGE.left - EDGE.right - 24);
  };
  const distinct = [...new Set(figures)];
  const ticks = distinct.length <= TICKS + 2 ? distinct : stepsTo(most).filter((tick) => tick >= least);
  return { at, ticks };
}

function upOf(figures: number[]): Axis {
  const ticks = stepsTo(Math.max(...figures));
  const most = ticks.at(-1) ?? 1;
  const height = HEIGHT - EDGE.top - EDGE.bottom;
  return { at: (figure) => EDGE.top + height * (1 - figure / most), ticks };
}

/** From nothing in round steps to at least this much. */
function stepsTo(most: number): number[] {
  const rough = Math.max(most, Number.MIN_VALUE) / TICKS;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((times) => times * ten >= rough) ?? 10) * ten;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

const brief = (figure: number): string =>
  Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(figure);
