import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureMongo } from "@warble/embedded";

const SECRETS = "secrets.json";

/** An environment in which the server starts although nothing was set up. */
export interface DevEnvironment {
  env: NodeJS.ProcessEnv;
  /** Ends the database, if it was started here. */
  stop: () => Promise<void>;
}

/**
 * Fills in what development needs and nobody has set: a real database of its own, and secrets, both kept in
 * `folder` between runs.
 */
export async function devEnvironment(folder: string, log: (line: string) => void): Promise<DevEnvironment> {
  await mkdir(folder, { recursive: true });
  const mongo = await ensureMongo({ dbPath: join(folder, "mongo"), log });
  const env = {
    ...(await keptSecrets(folder)),
    ...process.env,
    MONGO_URL: mongo.url,
    NODE_ENV: "development",
  };
  return { env, stop: mongo.stop };
}

/** Secrets that last, so that a restart signs nobody out. */
async function keptSecrets(folder: string): Promise<NodeJS.ProcessEnv> {
  const file = join(folder, SECRETS);
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    const secrets = { JWT_SECRETS: secret(), PASSWORD_PEPPER: secret() };
    await writeFile(file, JSON.stringify(secrets), { mode: 0o600, flag: "wx" }).catch(ignoreExisting);
    return JSON.parse(await readFile(file, "utf8"));
  }
}

const secret = () => randomBytes(48).toString("base64url");

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
