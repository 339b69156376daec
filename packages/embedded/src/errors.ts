/** One place that was looked at, and why it was of no use. */
export interface Attempt {
  place: string;
  reason: string;
}

/** Nothing usable was found: names every place tried and what to do. */
export class BinaryNotFoundError extends Error {
  readonly tried: readonly Attempt[];

  constructor(summary: string, tried: readonly Attempt[], fixes: readonly string[]) {
    const places = tried.map(({ place, reason }) => `  - ${place}: ${reason}`);
    super([summary, ...places, "Any one of these helps:", ...fixes.map((fix) => `  - ${fix}`)].join("\n"));
    this.name = "BinaryNotFoundError";
    this.tried = tried;
  }
}

/** What went wrong in one line; the cause too, since `fetch` hides it there. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.message}${cause}`;
}
