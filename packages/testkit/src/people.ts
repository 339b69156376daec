import { createWarble, memoryStorage, type Role, type Tokens, type Warble } from "@warble/sdk";
import type { Program } from "./program";

/** What somebody is to be. */
export interface PersonOptions {
  /** "user" when it is not said. */
  role?: Role;
  /** Whether the address is verified: it is, when it is not said. */
  verified?: boolean;
}

/** Somebody, signed in: their client, and what they sign in with. */
export type Person = Warble & {
  id: string;
  username: string;
  /** `alice@example.com`, unless they registered by themselves with another. */
  email: string;
  /** What they were made with; who registered by themselves has their own. */
  password: string;
};

/** What Playwright's `storageState` takes. */
export interface StorageState {
  cookies: never[];
  origins: { origin: string; localStorage: { name: string; value: string }[] }[];
}

/** The people of a test, by name. */
export class People {
  readonly #program: Program;
  readonly #url: string;
  readonly #known = new Map<string, Promise<Person>>();

  constructor(program: Program, url: string) {
    this.#program = program;
    this.#url = url;
  }

  /** Somebody; made when they are first asked for, changed when something else is asked of them. */
  async get(name: string, options?: PersonOptions): Promise<Person> {
    const key = name.toLowerCase();
    const known = this.#known.get(key);
    if (known) {
      const person = await known;
      if (options) await this.#program.ask("person", { ...options, name });
      return person;
    }
    const made = this.#make(name, options);
    this.#known.set(key, made);
    // Whoever could not be made is tried again.
    made.catch(() => this.#known.delete(key));
    return made;
  }

  async #make(name: string, options: PersonOptions = {}): Promise<Person> {
    const made = await this.#program.ask("person", { ...options, name });
    const tokens = await this.#program.ask("session", name);
    const client = createWarble({ url: this.#url, storage: memoryStorage(tokens) });
    return Object.assign(client, made);
  }

  /** A session of their own: whoever shares one with another client is taken for a thief. */
  async session(name: string): Promise<Tokens> {
    await this.get(name);
    return this.#program.ask("session", name);
  }

  async storageStateOf(name: string, origin: string, key = "warble.session"): Promise<StorageState> {
    const value = JSON.stringify(await this.session(name));
    return {
      cookies: [],
      origins: [{ origin: new URL(origin).origin, localStorage: [{ name: key, value }] }],
    };
  }

  /** Nobody is known any more; what their clients have open ends. */
  async forget(): Promise<void> {
    const known = [...this.#known.values()];
    this.#known.clear();
    for (const person of await Promise.allSettled(known))
      if (person.status === "fulfilled") person.value.close();
  }
}
