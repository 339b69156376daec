import { createHmac, randomBytes } from "node:crypto";
import bcrypt from "bcrypt";
import { makeHash, matchesHash } from "./bcrypt-threads";
import { WarbleError } from "./error";

/** So many calls that hash a password are under way at most. */
const ADMITTED = 32;

/**
 * Hashes passwords and codes with bcrypt. bcrypt reads 72 bytes and no more, so what it gets is a keyed digest
 * of the whole password.
 */
export class PasswordHasher {
  readonly #pepper: string;
  readonly #cost: number;
  readonly #decoy: Promise<string>;
  #admitted = 0;

  constructor(pepper: string, cost: number) {
    this.#pepper = pepper;
    this.#cost = cost;
    this.#decoy = makeHash(randomBytes(48).toString("base64"), cost);
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
    return makeHash(this.#digest(password), this.#cost);
  }

  /** Whether the hash is of this password; without a hash it takes as long and says no. */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const against = hash ?? (await this.#decoy);
    const same = await matchesHash(this.#digest(password), against);
    return same && hash !== undefined;
  }

  /** Whether the hash was made with a lower cost than today's. */
  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) < this.#cost;
  }

  #digest(password: string): string {
    return createHmac("sha384", this.#pepper).update(password.normalize("NFKC")).digest("base64");
  }
}
