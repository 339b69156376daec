let steps = 0;

/** Plays one step: says what it is, what came back and how long it took. A step that throws ends the story. */
export async function step<T>(what: string, act: () => Promise<T>, tell: (result: T) => string): Promise<T> {
  const start = performance.now();
  const result = await act();
  const ms = (performance.now() - start).toFixed(0).padStart(5);
  console.log(`${String(++steps).padStart(3)}  ${ms} ms  ${what}\n               ${tell(result)}`);
  return result;
}

/** How many steps have been played. */
export const played = (): number => steps;

/** Ends the story when what was promised did not come true. */
export function expect(promise: string, isTrue: boolean): asserts isTrue {
  if (!isTrue) throw new Error(`not as promised: ${promise}`);
}

/** Waits for something that arrives by itself. @throws when it does not within `ms` milliseconds */
export function arrival<T>(what: string, ms = 10_000): { done: (value: T) => void; promise: Promise<T> } {
  let done: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not arrive within ${ms / 1000} s`)), ms);
    done = (value) => {
      clearTimeout(timer);
      resolve(value);
    };
  });
  promise.catch(() => undefined);
  return { done, promise };
}
