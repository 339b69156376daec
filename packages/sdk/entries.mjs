/**
 * What is published, by the name of its files: where it begins, and how many kB of it a page may load before it calls
 * anything, minified and gzipped: `own` code, and `all` with what comes from the registry.
 */
export const ENTRIES = {
  index: { source: "src/index.ts", own: 15, all: 23 },
  chat: { source: "src/chat-client.ts", own: 8, all: 26 },
  react: { source: "src/react/index.ts", own: 7, all: 16 },
  schemas: { source: "src/schemas.ts", own: 15, all: 40 },
  text: { source: "src/text.ts", own: 5, all: 5 },
};

/** As the package calls it: `./chat`, and `.` for what comes first. */
export const subpathOf = (name) => (name === "index" ? "." : `./${name}`);
