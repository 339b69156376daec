// Says how many types a frontend's compiler holds on account of the SDK as it is built, less those it holds anyway.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dir = join(here, ".types/frontend");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const OPTIONS = [
  "--strict",
  "--skipLibCheck",
  "--module",
  "esnext",
  "--moduleResolution",
  "bundler",
  "--target",
  "esnext",
];

const PLAIN = `
const answer: Promise<{ content: string }[]> = fetch("/tweets").then((response) => response.json());
for await (const { content } of await answer) console.log(content);
export {};
`;

const FRONTEND = `
import { createWarble, isWarbleError } from "../../dist/index.js";
const warble = createWarble({ url: location.origin });
await warble.auth.login({ identifier: "alice", password: "a long walk to the lighthouse" });
try {
  const { id } = await warble.api.tweets.create.mutate({ content: "Hello" });
  await warble.api.tweets.like.mutate({ id });
} catch (error) {
  if (isWarbleError(error, "RATE_LIMITED")) console.log(error.retryAfter);
}
for await (const { tweet } of warble.pages(warble.api.timelines.home.query, { limit: 50 })) {
  console.log(tweet.content, tweet.author.displayName, tweet.counts.likes);
}
warble.notifications.watch({ onEvent: ({ notification }) => console.log(notification.type), onError: console.error });
warble.chat.on("message", ({ content }) => console.log(content));
`;

function typesIn(name, code) {
  const file = join(dir, `${name}.ts`);
  writeFileSync(file, code);
  const args = [
    tsc,
    "--ignoreConfig",
    "--noEmit",
    "--extendedDiagnostics",
    "--singleThreaded",
    ...OPTIONS,
    file,
  ];
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: here, encoding: "utf8" });
  if (status !== 0) throw new Error(stdout);
  return Number(/^Types:\s+(\d+)/m.exec(stdout)?.[1]);
}

mkdirSync(dir, { recursive: true });
console.log(typesIn("frontend", FRONTEND) - typesIn("plain", PLAIN));
