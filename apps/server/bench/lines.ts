import type { Line, Wanted } from "./report";

const ratio = { of: "ratio" } as const;
const value = { of: "value" } as const;

/** What is to be reached, by measure. A run reports each of these lines, measured or not. */
export const LINES = {
  home: {
    queries: {
      id: "P1",
      what: "home pages a second, against queries and nothing kept",
      unit: "/s",
      target: { ...ratio, atLeast: 2 },
    },
    memory: {
      id: "P1",
      what: "home pages a second, against all that is shared in memory",
      unit: "/s",
      target: { ...ratio, atLeast: 0.6 },
    },
  },
  followed: {
    many: {
      id: "P2",
      what: "home p50 with 5,000 followed, against 50",
      unit: "ms",
      target: { ...ratio, atMost: 1.3 },
    },
  },
  stored: {
    many: {
      id: "P3",
      what: "home p50 with many tweets stored, against 10,000",
      unit: "ms",
      target: { ...ratio, atMost: 1.3 },
      asks: "1,000,000 tweets",
    },
  },
  create: {
    rate: {
      id: "P4",
      what: "tweets stored a second, against a bare transaction",
      unit: "/s",
      target: { ...ratio, atLeast: 0.5 },
    },
  },
  followers: {
    many: {
      id: "P5",
      what: "create p99 with many followers, against 10",
      unit: "ms",
      target: { ...ratio, atMost: 1.5 },
      asks: "100,000 followers",
    },
  },
  "fan-out": {
    rate: {
      id: "P6",
      what: "inbox entries a second, against bare insertMany",
      unit: "/s",
      target: { ...ratio, atLeast: 0.7 },
    },
  },
  stream: {
    p99: {
      id: "P7",
      what: "tweet that mentions somebody to their open stream, p99",
      unit: "ms",
      target: { ...value, atMost: 50 },
    },
  },
  chat: {
    rate: {
      id: "P8",
      what: "chat messages acknowledged a second",
      unit: "/s",
      target: { ...ratio, atLeast: 0.6 },
    },
    p99: { id: "P8", what: "sent to received, p99", unit: "ms", target: { ...value, atMost: 30 } },
  },
  "idle-sockets": {
    rss: {
      id: "P9",
      what: "resident memory of an idle socket",
      unit: "kB",
      target: { ...value, atMost: 25 },
      asks: "10,000 sockets",
    },
  },
  logins: {
    p99: {
      id: "P10",
      what: "read p99 during a flood of 200 logins, against quiet",
      unit: "ms",
      target: { ...ratio, atMost: 3 },
    },
  },
  search: {
    p99: {
      id: "P11",
      what: "selective search p99",
      unit: "ms",
      target: { ...value, atMost: 50 },
      asks: "1,000,000 tweets",
    },
    common: {
      id: "P11",
      what: "search p50 for a common word, against a rare one",
      unit: "ms",
      target: { ...ratio, atMost: 5 },
      asks: "1,000,000 tweets",
    },
  },
  likes: {
    one: {
      id: "P12",
      what: "likes of one tweet a second, 64 at once, against likes of as many tweets",
      unit: "/s",
      target: { ...ratio, atLeast: 0.3 },
      asks: "10,000 likes",
    },
  },
  start: {
    first: { id: "P13", what: "start until the first answer", unit: "s", target: { ...value, atMost: 2 } },
  },
  memory: {
    rss: {
      id: "P14",
      what: "memory at half load",
      unit: "MB",
      target: { ...value, atMost: 250 },
      asks: "5 minutes",
    },
    slope: {
      id: "P14",
      what: "growth of memory after the first fifth",
      unit: "MB/min",
      target: { ...value, atMost: 2 },
      asks: "5 minutes",
    },
  },
  nodes: {
    queries: {
      id: "P15",
      what: "queries of a home page on one of two servers, against one alone",
      unit: "",
      target: { ...ratio, atMost: 1.02 },
    },
    bytes: {
      id: "P15",
      what: "bytes of a home page on one of two servers, against one alone",
      unit: "B",
      target: { ...ratio, atMost: 1.02 },
    },
    rate: {
      id: "P15",
      what: "home pages a second of two servers, against one",
      unit: "/s",
      target: { ...ratio, atLeast: 1 },
    },
  },
  sdk: {
    size: { id: "P16", what: "SDK core, gzipped", unit: "kB", target: { ...value, atMost: 15 } },
    types: {
      id: "P16",
      what: "types in a frontend's program that come from the server",
      unit: "",
      target: { ...value, atMost: 1_500 },
    },
  },
  // Costs are counted and have no line of their own.
  costs: {},
} satisfies Record<string, Record<string, Wanted>>;

export type MeasureName = keyof typeof LINES;

/** What was found on a line. */
interface Found {
  value: number;
  against?: number;
  /** How much was done, where it may be less than the line asks for. */
  done?: string;
}

/** A line that was measured. */
export function found({ asks, ...wanted }: Wanted, { value, against, done }: Found): Line {
  return {
    ...wanted,
    what: done ? `${wanted.what}: ${done}` : wanted.what,
    value,
    ...(against !== undefined && { against }),
    ...(asks && asks !== done && { note: `the line asks for ${asks}` }),
  };
}

/** A line that was not. */
export const missing = ({ asks, ...wanted }: Wanted, why: string): Line => ({
  ...wanted,
  what: asks ? `${wanted.what}: ${asks}` : wanted.what,
  value: null,
  note: why,
});
