import { AsyncLocalStorage } from "node:async_hooks";
import { LRUCache } from "lru-cache";
import mongoose, { type Schema } from "mongoose";
import { batch } from "./batch";
import { afterCommit, inTransaction, type Stored } from "./mongo";

const MOST_READ = 1_000;

/** The ids that are known of a record, or of all that a filter finds, in hex by the names of their fields. */
export type Ids = Record<string, string>;

interface MemoryOptions<T extends Stored, Whole extends T> {
  /** The collection that is kept of, and its schema before the model is made of it. */
  collection: string;
  schema: Schema<Whole>;
  /** So many keys and records at most: those asked for last. */
  most: number;
  /** The keys under which such records are found; none where the ids do not say. */
  keysOf: (ids: Ids) => string[];
  /** Fields by which records that are kept are known, if their keys are not. */
  tags?: string[];
  /** Another collection that decides what is found. */
  dependsOn?: string;
  /** Reads what is found under these keys, and of it what is to be kept; more records do no harm. */
  read: (keys: string[]) => Promise<T[]>;
}

/** What is being read, and what of it was changed meanwhile. */
interface Fill {
  touched: Set<string>;
  spoiled: boolean;
}

interface Supervisor {
  /** Whether no change of the last second is missing. */
  isFresh: () => boolean;
  /** Tells other nodes of what was changed here. */
  tell: (collection: string, changes: Ids[]) => void;
}

const scope = new AsyncLocalStorage<true>();
const memories: Memory<Stored>[] = [];
const watched = new WeakSet<object>();
let supervisor: Supervisor = { isFresh: () => false, tell: () => undefined };

/** Lets what `work` reads come from memory; whatever else reads, such as a job, sees the database itself. */
export const remembering = <T>(work: () => T): T => scope.run(true, work);

/** Says who knows whether memories may be believed. */
export function superviseMemories(by: Supervisor): void {
  supervisor = by;
}

/** The collections that memories follow. */
export const followedCollections = (): string[] => [
  ...new Set(memories.flatMap(({ collection, dependsOn }) => [collection, dependsOn ?? collection])),
];

/** Forgets what a change of a record touches; with no ids, all that is kept of the collection. */
export function forgetChange(collection: string, ids: Ids): void {
  for (const memory of memories) {
    if (memory.dependsOn === collection) memory.clear();
    if (memory.collection === collection) memory.forget(ids);
  }
}

/** Forgets everything. */
export function forgetEverything(): void {
  for (const memory of memories) memory.clear();
}

/** The ids among the fields of a record or filter. */
export function idsOf(fields: object): Ids {
  const ids: Ids = {};
  for (const [name, value] of Object.entries(fields))
    if (value instanceof mongoose.Types.ObjectId) ids[name] = value.toHexString();
  return ids;
}

/** Keys by one field. */
export const by =
  (name: string) =>
  (ids: Ids): string[] =>
    [ids[name] ?? []].flat();

/**
 * What many read, kept on this node: for each key the records that are found under it. What is written here is forgotten
 * as it is committed, what others write as soon as it is known; while that cannot be known, the database is read. What is
 * kept is shared, so nobody changes it.
 */
export class Memory<T extends Stored, Whole extends T = T> {
  readonly collection: string;
  readonly dependsOn: string | undefined;
  readonly #keysOf: (ids: Ids) => string[];
  readonly #tags: string[];
  readonly #kept: LRUCache<string, T[]>;
  /** The keys under which records of a tag are kept: one or few. */
  readonly #holders = new Map<string, string[]>();
  readonly #fills = new Set<Fill>();
  readonly #read: (keys: string[]) => Promise<Map<string, T[]>>;
  readonly #load: (key: string) => Promise<T[]>;

  constructor({
    collection,
    schema,
    most,
    keysOf,
    tags = ["_id"],
    dependsOn,
    read,
  }: MemoryOptions<T, Whole>) {
    this.collection = collection;
    this.dependsOn = dependsOn;
    this.#keysOf = keysOf;
    this.#tags = tags;
    this.#kept = new LRUCache<string, T[]>({
      maxSize: most,
      sizeCalculation: (records) => 1 + records.length,
      dispose: (records, key) => this.#release(records, key),
    });
    this.#read = async (keys) => this.#group(await read(keys));
    this.#load = batch((keys) => this.#fill(keys), MOST_READ);
    memories.push(this as unknown as Memory<Stored>);
    if (!watched.has(schema)) watch(schema, collection);
    watched.add(schema);
  }

  /** What is found under these keys, by key. A transaction reads for itself alone. */
  async find(keys: string[]): Promise<Map<string, T[]>> {
    const unique = [...new Set(keys)];
    if (inTransaction()) return unique.length > 0 ? this.#read(unique) : new Map();
    const remembers = scope.getStore() === true && supervisor.isFresh();
    const found = new Map<string, T[]>();
    const missing: string[] = [];
    for (const key of unique) {
      const kept = remembers ? this.#kept.get(key) : undefined;
      if (kept) found.set(key, kept);
      else missing.push(key);
    }
    if (missing.length === 0) return found;
    const loaded = await Promise.all(missing.map(this.#load));
    for (const [index, records] of loaded.entries()) found.set(missing[index] as string, records);
    return found;
  }

  /** All that is found under any of these keys. */
  async findAll(keys: string[]): Promise<T[]> {
    return [...(await this.find(keys)).values()].flat();
  }

  /** Forgets whatever a record with these ids is, was or will be found under. */
  forget(ids: Ids): void {
    const keys = this.#keysOf(ids);
    const tags = this.#tags.flatMap((tag) => ids[tag] ?? []);
    if (keys.length + tags.length === 0) this.clear();
    for (const { touched } of this.#fills) for (const name of [...keys, ...tags]) touched.add(name);
    const held = tags.flatMap((tag) => [...(this.#holders.get(tag) ?? [])]);
    for (const key of [...keys, ...held]) this.#kept.delete(key);
  }

  clear(): void {
    for (const fill of this.#fills) fill.spoiled = true;
    this.#kept.clear();
  }

  /** Reads, for all who ask in one turn, and keeps what nobody has changed meanwhile. */
  async #fill(keys: readonly string[]): Promise<T[][]> {
    const fill: Fill = { touched: new Set(), spoiled: !supervisor.isFresh() };
    this.#fills.add(fill);
    const unique = [...new Set(keys)];
    try {
      const read = await this.#read(unique);
      if (supervisor.isFresh()) for (const key of unique) this.#keep(key, read.get(key) ?? [], fill);
      return keys.map((key) => read.get(key) ?? []);
    } finally {
      this.#fills.delete(fill);
    }
  }

  #keep(key: string, records: T[], { touched, spoiled }: Fill): void {
    const tags = this.#tagsOf(records, key);
    if (spoiled || touched.has(key) || tags.some((tag) => touched.has(tag))) return;
    for (const record of records) Object.freeze(record);
    this.#kept.set(key, records);
    for (const tag of tags) this.#holders.set(tag, [...(this.#holders.get(tag) ?? []), key]);
  }

  #release(records: T[], key: string): void {
    for (const tag of this.#tagsOf(records, key)) {
      const others = (this.#holders.get(tag) ?? []).filter((holder) => holder !== key);
      if (others.length > 0) this.#holders.set(tag, others);
      else this.#holders.delete(tag);
    }
  }

  /** What records are known by beside the key under which they are kept. */
  #tagsOf(records: T[], key: string): string[] {
    const ids = records.map(idsOf);
    const tags = ids.flatMap((each) => this.#tags.flatMap((tag) => each[tag] ?? []));
    return [...new Set(tags)].filter((tag) => tag !== key);
  }

  #group(records: T[]): Map<string, T[]> {
    const found = new Map<string, T[]>();
    for (const record of records) {
      for (const key of this.#keysOf(idsOf(record))) {
        const others = found.get(key);
        if (others) others.push(record);
        else found.set(key, [record]);
      }
    }
    return found;
  }
}

/** Has what is written through the model be forgotten, here and elsewhere, once it is committed. */
function watch<T>(schema: Schema<T>, collection: string): void {
  const written = (changes: Ids[]) =>
    afterCommit(() => {
      for (const ids of changes) forgetChange(collection, ids);
      supervisor.tell(collection, changes);
    });
  const ofQueries = { document: false, query: true } as const;
  for (const write of [
    "updateOne",
    "updateMany",
    "deleteOne",
    "deleteMany",
    "findOneAndUpdate",
    "findOneAndDelete",
  ] as const)
    schema.post(write, ofQueries, function (this: mongoose.Query<unknown, unknown>) {
      written(idsIn(this.getFilter()));
    });
  schema.pre("bulkWrite", (operations) => {
    if (!inTransaction()) throw new Error("what a bulk write changes is not known before it is done");
    for (const one of operations) written("updateOne" in one ? idsIn({ ...one.updateOne.filter }) : [{}]);
  });
  schema.post("insertMany", (records: unknown) =>
    written([records].flat().map((record) => idsOf(record as object))),
  );
}

/** What a filter says of the records that it finds. */
function idsIn(filter: Record<string, unknown>): Ids[] {
  const several = (filter._id as { $in?: unknown } | undefined)?.$in;
  if (!Array.isArray(several)) return [idsOf(filter)];
  return several.map((_id) => idsOf({ ...filter, _id }));
}
