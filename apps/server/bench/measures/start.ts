import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { found, LINES } from "../lines";
import { query } from "../load";
import { type Findings, median } from "../report";
import type { Stage } from "../stage";

const STARTS = 3;
const POLL_MS = 5;

/** P13: from starting the built server on a database that another has used until somebody has their home. */
export async function measureStart(stage: Stage): Promise<Findings> {
  const town = await stage.town();
  await stage.warble(town);
  const [token = ""] = await stage.tokens(town, [0]);
  const took: number[] = [];
  for (let start = 0; start < STARTS; start++) took.push(await startOnce(stage, town.mongoUrl, token));
  return { lines: [found(LINES.start.first, { value: median(took) / 1000 })] };
}

async function startOnce(stage: Stage, mongoUrl: string, token: string): Promise<number> {
  const port = await freePort();
  const env = {
    ...process.env,
    ...stage.env,
    NODE_ENV: "production",
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    SMTP_URL: "smtp://localhost",
    MONGO_URL: mongoUrl,
    LOG_LEVEL: "error",
  };
  const start = performance.now();
  const child = spawn(process.execPath, [stage.program("main")], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  const { path } = query("timelines.home", {}, token);
  const ask = () =>
    fetch(`http://localhost:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
  try {
    while (!(await ask().catch(() => undefined))?.ok) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      await sleep(POLL_MS);
    }
    return performance.now() - start;
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
