interface Sink<T> {
  push: (value: T) => void;
  /** Ends the iteration, after what was pushed. */
  fail: (error: Error) => void;
  end: () => void;
}

interface Waiting<T> {
  resolve: (result: IteratorResult<T, void>) => void;
  reject: (error: Error) => void;
}

/**
 * What a source pushes, as an async iterator. The source starts at once and is stopped when the iteration ends: by
 * `signal`, by `return()` (which `break` calls), or by a failure.
 */
export function iterate<T>(
  start: (sink: Sink<T>) => () => void,
  signal?: AbortSignal,
): AsyncIterableIterator<T, void, undefined> {
  const values: T[] = [];
  const waiting: Waiting<T>[] = [];
  let failure: Error | undefined;
  let ended = false;
  let stop: () => void = () => undefined;
  const end = () => {
    if (ended) return;
    ended = true;
    values.length = 0;
    stop();
    signal?.removeEventListener("abort", end);
    for (const { resolve } of waiting.splice(0)) resolve({ done: true, value: undefined });
  };
  const fail = (error: Error) => {
    const first = waiting.shift();
    if (first) first.reject(error);
    else failure = error;
    if (first) end();
  };
  const push = (value: T) => {
    if (ended) return;
    const first = waiting.shift();
    if (first) first.resolve({ done: false, value });
    else values.push(value);
  };
  const next = (): Promise<IteratorResult<T, void>> => {
    const [value] = values.splice(0, 1);
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (failure && !ended) {
      end();
      return Promise.reject(failure);
    }
    if (ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  if (signal?.aborted) ended = true;
  else {
    stop = start({ push, fail, end });
    signal?.addEventListener("abort", end, { once: true });
  }
  return {
    next,
    return: async () => {
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
