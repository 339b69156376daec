const WAIT_MS = 500;
const WAIT_MAX_MS = 30_000;

/** Full jitter, so that many clients do not come back at once; never before the server asked for. */
export const waitMs = (attempt: number, retryAfter = 0): number =>
  retryAfter * 1000 + Math.random() * Math.min(WAIT_MAX_MS, WAIT_MS * 2 ** attempt);

/** Waits, or until `signal`. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    if (signal?.aborted) done();
  });
