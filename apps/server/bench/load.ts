import { spawn } from "node:child_process";
import { once } from "node:events";

/** One call, as the SDK sends it. */
export interface Call {
  path: string;
  /** Who calls. */
  token: string;
  /** What a mutation sends. */
  body?: string;
}

export interface Work {
  /** One server, or several in turns. */
  urls: string[];
  calls: Call[];
  /** So many are under way at any time, each on a connection of its own. */
  atOnce: number;
  /** Goes through the calls again and again for so long; else through each once. */
  forMs?: number;
  /** Begins no more than so many a second. */
  perSecond?: number;
  /** Takes what is refused for an answer. */
  mayFail?: boolean;
}

export interface Done {
  /** How long each answer took, in milliseconds. */
  ms: Float64Array;
  /** How long all took. */
  tookMs: number;
  /** How many bytes the answers' bodies had. */
  bytes: number;
}

/** A process that makes calls and measures them. */
export interface Load {
  /** @throws when a call is refused */
  run(work: Work): Promise<Done>;
  stop(): Promise<void>;
}

/** Calls a query. */
export const query = (path: string, input: object, token: string): Call => ({
  path: `/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`,
  token,
});

/** Calls a mutation. */
export const mutation = (path: string, input: object, token: string): Call => ({
  path: `/trpc/${path}`,
  token,
  body: JSON.stringify(input),
});

/** Answers a second. */
export const rateOf = ({ ms, tookMs }: Done): number => (ms.length / tookMs) * 1000;

/** @param file where the caller was built to */
export function startLoad(file: string): Load {
  const child = spawn(process.execPath, [file], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  const ended = once(child, "exit");
  return {
    run: async (work) => {
      const answered = once(child, "message");
      child.send(work);
      const [{ done, failed }] = await Promise.race([answered, ended.then(() => [{ failed: "it ended" }])]);
      if (failed !== undefined) throw new Error(`the load failed: ${failed}`);
      return done;
    },
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
}
