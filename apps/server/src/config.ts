import { existsSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { DEFAULT_POLICY, type Policy } from "./platform/policy";

const MIN_SECRET_BYTES = 32;

const NEEDED = ["MONGO_URL", "JWT_SECRETS", "PASSWORD_PEPPER"];
const NEEDED_IN_PRODUCTION = ["PUBLIC_URL", "SMTP_URL"];
const PROXY_NAMES = ["loopback", "linklocal", "uniquelocal"];

const itemsOf = (text: string) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);

const list = z.string().default("").transform(itemsOf);

// From somebody's documentation: everybody has it.
const SAMPLE = /(change|replace).?(me|this|it)|your.?(jwt|own)?.?secret/i;

const secret = z
  .string()
  .refine(
    (value) => !SAMPLE.test(value),
    "is a sample: make one of your own, for example by `openssl rand -base64 48`",
  )
  .refine(
    (value) => Buffer.byteLength(value) >= MIN_SECRET_BYTES && new Set(value).size >= 8,
    `is too easy to guess: use at least ${MIN_SECRET_BYTES} random bytes, for example from \`openssl rand -base64 48\``,
  );

const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be a URL like https://warble.example" })
  .transform((url) => url.replace(/\/+$/, ""));

const Environment = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  PORT: z.coerce.number().int().min(0).max(65535).default(4000),
  PUBLIC_URL: httpUrl.optional(),
  WEB_URL: httpUrl.optional(),
  MONGO_URL: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/./, "must begin with mongodb:// or mongodb+srv://")
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/./, "must begin with redis:// or rediss://")
    .optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: "must be a URL like smtps://mail.example" }).optional(),
  MAIL_FROM: z.string().default("Warble <no-reply@warble.localhost>"),
  JWT_SECRETS: list.pipe(z.array(secret)),
  PASSWORD_PEPPER: secret.optional(),
  PASSWORD_COST: z.coerce.number().int().min(4).max(16).default(12),
  TRUST_PROXY: z.string().default("false").transform(readProxies),
  PLACES_FILE: z.string().refine(existsSync, "must be the path of a file that is there").optional(),
  CORS_ORIGINS: list.pipe(z.array(z.string().refine(isOrigin, "must be origins like https://app.example"))),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

/** All that an operator decides. */
export interface Config {
  production: boolean;
  port: number;
  /** Where clients reach this server; mails link here unless `webUrl` is set. Unset: where it listens. */
  publicUrl: string | undefined;
  webUrl: string | undefined;
  mongoUrl: string;
  /** What the nodes on this database share. Unset: there is one node. */
  redisUrl: string | undefined;
  /** Unset: the development inbox. */
  smtpUrl: string | undefined;
  mailFrom: string;
  /** The first signs, all verify. */
  jwtSecrets: string[];
  passwordPepper: string;
  passwordCost: number;
  /** Hop count, or the networks whose X-Forwarded-For is believed; false: nobody's. */
  trustProxy: false | number | string[];
  /** An MMDB file with the countries of networks. Unset: the bundled one. */
  placesFile: string | undefined;
  corsOrigins: string[];
  logLevel: string;
  policy: Policy;
}

/** Thrown when the environment cannot be used: the message says which variable, and what to do. */
export class ConfigError extends Error {}

/**
 * Reads the configuration.
 * @param env the process's environment
 * @throws ConfigError with a line for each variable that is missing or wrong
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = Environment.safeParse(emptyIsUnset(env));
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`).join("\n"),
    );
  }
  const read = parsed.data;
  const production = read.NODE_ENV === "production";
  const problems = [
    ...(production ? [...NEEDED, ...NEEDED_IN_PRODUCTION] : NEEDED).filter((name) => !env[name]).map(notSet),
    ...(production && read.PASSWORD_COST < 10 ? ["PASSWORD_COST must be at least 10 in production"] : []),
  ];
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return {
    production,
    port: read.PORT,
    publicUrl: read.PUBLIC_URL,
    webUrl: read.WEB_URL,
    mongoUrl: read.MONGO_URL ?? "",
    redisUrl: read.REDIS_URL,
    smtpUrl: read.SMTP_URL,
    mailFrom: read.MAIL_FROM,
    jwtSecrets: read.JWT_SECRETS,
    passwordPepper: read.PASSWORD_PEPPER ?? "",
    passwordCost: read.PASSWORD_COST,
    trustProxy: read.TRUST_PROXY,
    placesFile: read.PLACES_FILE,
    corsOrigins: read.CORS_ORIGINS,
    logLevel: read.LOG_LEVEL,
    policy: DEFAULT_POLICY,
  };
}

/** Where the database is, for commands that need nothing else. @throws ConfigError */
export function readMongoUrl({ MONGO_URL }: NodeJS.ProcessEnv): string {
  if (!MONGO_URL) throw new ConfigError(notSet("MONGO_URL"));
  return MONGO_URL;
}

const notSet = (name: string) =>
  `${name} is not set. Set it in the environment; see README.md, Configuration.`;

function emptyIsUnset(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function readProxies(text: string, check: z.RefinementCtx): Config["trustProxy"] {
  if (text === "false" || text === "0") return false;
  if (/^\d+$/.test(text)) return Number(text);
  const networks = itemsOf(text);
  if (networks.length > 0 && networks.every(isNetwork)) return networks;
  check.addIssue(
    text === "true"
      ? "true would let every client forge its address: give the number of proxies in front, or their networks"
      : "must be false, the number of proxies in front, or their networks like 10.0.0.0/8",
  );
  return z.NEVER;
}

/** Whether it is a name, an address or a network, and not all addresses there are. */
function isNetwork(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  if (PROXY_NAMES.includes(text)) return true;
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  return (
    rest.length === 0 && most > 0 && (bits === undefined || (/^[1-9]\d*$/.test(bits) && Number(bits) <= most))
  );
}
