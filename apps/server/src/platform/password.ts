import { createHmac, randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import bcrypt from "bcrypt";
import { WarbleError } from "./error";

/** Half of the cores at most: a flood of logins leaves the others to everybody else. */
const AT_ONCE = Math.max(1, Math.min(2, Math.floor(availableParallelism() / 2)));
/** So many calls that hash a password are under way at most. */
const ADMITTED = 32;

/**
 * Hashes passwords and codes with bcrypt. bcrypt reads 72 bytes and no more, so what it gets is a keyed digest
 * of the whole password; and it holds one of Node's few worker threads for as long as it runs, so few run at once.
 */
export class PasswordHasher {
  readonly #pepper: string;
  readonly #cost: number;
  readonly #queue: (() => void)[] = [];
  readonly #decoy: Promise<string>;
  #running = 0;
  #admitted = 0;

  constructor(pepper: string, cost: number) {
    this.#pepper = pepper;
    this.#cost = cost;
    this.#decoy = bcrypt.hash(randomBytes(48).toString("base64"), cost);
  }

  /** Does what hashes a password. @throws WarbleError BUSY when too many are doing so */
  async admit<T>(work: () => Promise<T>): Promise<T> {
    if (this.#admitted >= ADMITTED) throw new WarbleError("BUSY", { retryAfter: 5 });
    this.#admitted++;
    try {
      return await work();
    } finally {
      this.#admitted--;
    }
  }

  hash(password: string): Promise<string> {
    return this.#turn(() => bcrypt.hash(this.#digest(password), this.#cost));
  }

  /** Whether the hash is of this password; without a hash it takes as long and says no. */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const against = hash ?? (await this.#decoy);
    const same = await this.#turn(() => bcrypt.compare(this.#digest(password), against));
    return same && hash !== undefined;
  }

  /** Whether the hash was made with a lower cost than today's. */
  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) < this.#cost;
  }

  #digest(password: string): string {
    return createHmac("sha384", this.#pepper).update(password.normalize("NFKC")).digest("base64");
  }

  async #turn<T>(work: () => Promise<T>): Promise<T> {
    // Whoever leaves hands its place over, so the count stays as it is.
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
