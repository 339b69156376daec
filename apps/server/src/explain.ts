import { ConfigError } from "./config";

/** What an operator is told of a start that failed. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError) return error.message;
  const { code, port, name, message } = error as Error & { code?: string; port?: number };
  if (code === "EADDRINUSE") return `Port ${port} is taken: end what listens there, or set PORT to another.`;
  if (/ServerSelection/.test(name)) return `The database at MONGO_URL cannot be reached: ${message}`;
  if (name.startsWith("Mongo")) return `The database at MONGO_URL cannot be used: ${message}`;
  return error.stack ?? message;
}
