const last = new Map<string, Promise<void>>();

/**
 * Does `work` when all earlier work on any of these keys has ended, on this node. Transactions that would write the
 * same records wait for each other here, instead of failing and trying again; between nodes they still do that.
 * Not inside a transaction or a turn: it would wait for itself.
 */
export async function inTurn<T>(keys: string[], work: () => Promise<T>): Promise<T> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  // All keys are taken in one step, so that nobody waits for anybody who came later.
  const earlier = keys.map((key) => last.get(key));
  for (const key of keys) last.set(key, ended);
  await Promise.all(earlier);
  try {
    return await work();
  } finally {
    end();
    for (const key of keys) if (last.get(key) === ended) last.delete(key);
  }
}
