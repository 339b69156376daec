import type { CrowdSpec } from "./crowd/crowd";

/** How much is done in a run. */
export interface Size {
  crowd: CrowdSpec;
  /** Smaller crowds, to see how costs grow. */
  villages: CrowdSpec[];
  /** How many of the crowd read home. */
  readers: number;
  /** Each side is measured so often in turns, each time for so long. */
  rounds: number;
  roundMs: number;
  /** How many times something is done whose slowest one in a hundred is asked for. */
  samples: number;
  /** Whose followers have an inbox when they tweet. */
  fanOut: number;
  likes: number;
  sockets: number;
  /** How long memory is watched at half load. */
  watchMs: number;
  /** How long all measures take on two cores. */
  seconds: number;
}

/** People who follow 50 and tweet twenty times. */
const villageOf = (people: number): CrowdSpec => ({
  people,
  follows: 50,
  tweets: 20,
  retweets: 2,
  likes: 20,
  quiet: 0,
  stars: [],
  keen: [50],
  seed: 1,
});

export const SIZES = {
  small: {
    crowd: {
      people: 200,
      follows: 50,
      tweets: 20,
      retweets: 2,
      likes: 40,
      quiet: 4_900,
      stars: [10, 1_000, 5_000],
      keen: [50, 500, 5_000],
      seed: 1,
    },
    villages: [],
    readers: 200,
    rounds: 3,
    roundMs: 700,
    samples: 60,
    fanOut: 1_000,
    likes: 400,
    sockets: 1_000,
    watchMs: 6_000,
    seconds: 125,
  },
  "10k": {
    crowd: {
      people: 10_000,
      follows: 50,
      tweets: 20,
      retweets: 2,
      likes: 20,
      quiet: 0,
      stars: [10, 100, 1_000, 10_000],
      keen: [50, 500, 5_000],
      seed: 1,
    },
    villages: [villageOf(500)],
    readers: 500,
    rounds: 5,
    roundMs: 3_000,
    samples: 500,
    fanOut: 10_000,
    likes: 10_000,
    sockets: 10_000,
    watchMs: 60_000,
    seconds: 1_700,
  },
  "100k": {
    crowd: {
      people: 100_000,
      follows: 20,
      tweets: 10,
      retweets: 1,
      likes: 10,
      quiet: 0,
      stars: [10, 100, 1_000, 10_000, 100_000],
      keen: [50, 500, 5_000],
      seed: 1,
    },
    villages: [villageOf(500), villageOf(5_000)],
    readers: 500,
    rounds: 5,
    roundMs: 5_000,
    samples: 1_000,
    fanOut: 100_000,
    likes: 10_000,
    sockets: 10_000,
    watchMs: 300_000,
    seconds: 5_400,
  },
} satisfies Record<string, Size>;

export type SizeName = keyof typeof SIZES;
export const isSize = (name: string): name is SizeName => Object.hasOwn(SIZES, name);
