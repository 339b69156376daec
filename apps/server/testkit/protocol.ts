import type { Role, Tokens } from "@warble/contracts";

/** How a frontend's tests have their server started. */
export interface StartInput {
  mongoUrl: string;
  port: number;
  webUrl: string | undefined;
  /** Whose pages may call. */
  origins: string[];
  /** The limits that strangers meet; without them nothing is refused for being often. */
  limits: boolean;
  /** Whether everything is logged, and not only what went wrong. */
  log: boolean;
}

/** What somebody is to be; what is not said stays as it is. */
export interface PersonInput {
  name: string;
  role?: Role | undefined;
  /** Whether the address is; true for whoever is new. */
  verified?: boolean | undefined;
}

/** Somebody who can sign in. */
export interface MadePerson {
  id: string;
  username: string;
  email: string;
  /** What they have signed in with since they were made, unless they changed it or registered by themselves. */
  password: string;
}

/** What the backend does for whoever has started it, by name. */
export interface Backend {
  start(input: StartInput): Promise<{ url: string }>;
  /** Makes somebody, or makes them so. */
  person(input: PersonInput): Promise<MadePerson>;
  /** Opens a new session of somebody who is there, whatever signing in would take. */
  session(name: string): Promise<Tokens>;
  /** Makes the demo people. @returns whether nobody of their names was there */
  seed(): Promise<boolean>;
  /** Lets milliseconds pass, and does what is due then. @returns what time it is */
  pass(ms: number): Promise<Date>;
  /** What time it is. */
  now(): Promise<Date>;
  /** Waits until all that follows from earlier calls has happened. */
  settled(): Promise<void>;
  /** Takes everything away that is stored. */
  reset(): Promise<void>;
  /** Ends the server, and drops its database. */
  stop(): Promise<void>;
}

/** What is asked of the backend. */
export interface Question {
  id: number;
  ask: keyof Backend;
  input?: unknown;
}

/** What it says. */
export type Answer = { id: number } & ({ ok: true; answer: unknown } | { ok: false; error: string });
