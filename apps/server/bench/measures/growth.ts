import type { Chart } from "../report";

interface Growth {
  /** What home is held against, in words, and where that was. */
  by: string;
  x: string;
  at: number[];
  /** The p50 there, in milliseconds, and the documents that were examined for one page. */
  p50s: number[];
  examined: number[];
}

/** How home's time, and what it reads, grow with something. */
export function chartsOf({ by, x, at, p50s, examined }: Growth): Chart[] {
  const points = (figures: number[]) =>
    at.map((place, index): [number, number] => [place, figures[index] ?? 0]);
  return [
    { title: `Home by ${by}`, x, y: "ms", series: [{ name: "p50", points: points(p50s) }] },
    {
      title: `What home reads by ${by}`,
      x,
      y: "documents examined",
      series: [{ name: "documents", points: points(examined) }],
    },
  ];
}
