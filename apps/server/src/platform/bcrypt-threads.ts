import { once } from "node:events";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** Half of the cores at most: a flood of logins leaves the others to everybody else. */
const MOST = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));

/** What bcrypt is to do: make a hash of a digest, or say whether one is of it. */
type Work = { digest: string } & ({ cost: number } | { hash: string });

// On Linux a thread has a priority of its own, so that everybody else's call goes first. Elsewhere it would be the
// priority of the whole process, and stays as it is.
const PROGRAM = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { constants, setPriority } = require("node:os");
  const bcrypt = require(workerData);
  if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  parentPort.on("message", ({ digest, cost, hash }) => {
    parentPort.postMessage(hash === undefined ? bcrypt.hashSync(digest, cost) : bcrypt.compareSync(digest, hash));
  });
`;

const free: Worker[] = [];
const waiting: (() => void)[] = [];
let running = 0;

/** Makes a bcrypt hash, when it is its turn. */
export const makeHash = (digest: string, cost: number): Promise<string> => inTurn({ digest, cost });

/** Whether a bcrypt hash is of this digest, when it is its turn. */
export const matchesHash = (digest: string, hash: string): Promise<boolean> => inTurn({ digest, hash });

async function inTurn<T>(work: Work): Promise<T> {
  // Whoever leaves hands its place over, so the count stays as it is.
  if (running >= MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await inThread(work);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

async function inThread<T>(work: Work): Promise<T> {
  const thread = free.pop() ?? newThread();
  thread.postMessage(work);
  // One that failed has ended, and is not used again.
  const [answer] = await once(thread, "message");
  free.push(thread);
  return answer;
}

function newThread(): Worker {
  const workerData = createRequire(import.meta.url).resolve("bcrypt");
  const thread = new Worker(PROGRAM, {
    eval: true,
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: 1 },
  });
  // A server that ends does not wait for it.
  thread.unref();
  return thread;
}
