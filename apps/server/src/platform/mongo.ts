import { AsyncLocalStorage } from "node:async_hooks";
import mongoose, { type Model, Schema, type SchemaDefinition, type SchemaOptions } from "mongoose";
import { WarbleError } from "./error";
import { newId, type ObjectId } from "./id";

type IndexDescription = mongoose.mongo.IndexDescription;
type AfterCommit = () => void;
type Writer<T> = (items: T[]) => Promise<void>;

interface Scope {
  atCommit: Map<Writer<never>, unknown[]>;
  afterCommit: AfterCommit[];
}

const current = new AsyncLocalStorage<Scope>();

// The driver tries a read or write that failed once more, so a call may wait twice for each of these: what a caller
// waits at most is the policy's deadline. A query ends on the server before its connection is given up for dead.
const TIMEOUTS = {
  serverSelectionTimeoutMS: 4_000,
  waitQueueTimeoutMS: 4_000,
  connectTimeoutMS: 4_000,
  socketTimeoutMS: 5_000,
};
const OPTIONS: mongoose.ConnectOptions = {
  ...TIMEOUTS,
  maxPoolSize: 50,
  retryWrites: true,
  readConcernLevel: "majority",
  writeConcern: { w: "majority", journal: true },
};
const QUERY_MS = 4_000;
// Many who change one record at once take turns, so this is long; the driver by itself would go on for two minutes.
const TRANSACTION_MS = 15_000;

/**
 * Connects the process's one Mongoose connection, and makes the collections and indexes that are missing.
 * @throws when the database cannot be reached, or cannot do transactions
 */
export async function connectMongo(url: string): Promise<void> {
  // An index over much that is stored takes longer than any call may.
  await connectAsIs(url);
  const make = async (model: Model<unknown>) => {
    const indexes = model.schema.indexes().map(([key, options]) => ({ ...options, key }) as IndexDescription);
    // All of a collection at once, which makes it, too; Mongoose would ask for one after the other.
    if (indexes.length > 0) await model.collection.createIndexes(indexes);
    else await model.createCollection();
  };
  await Promise.all(Object.values(mongoose.models).map(make));
  await disconnectMongo();
  mongoose.set("maxTimeMS", QUERY_MS);
  await mongoose.connect(url, OPTIONS);
}

/**
 * Connects to what is there: nothing is made, and a query may take its time.
 * @throws when the database cannot be reached, or cannot do transactions
 */
export async function connectAsIs(url: string): Promise<void> {
  mongoose.set("transactionAsyncLocalStorage", true);
  mongoose.set("strictQuery", "throw");
  mongoose.set("autoIndex", false);
  mongoose.set("autoCreate", false);
  await mongoose.connect(url, { ...OPTIONS, socketTimeoutMS: 0 });
  const hello = await mongoose.connection.db?.command({ hello: 1 });
  if (!hello?.setName && hello?.msg !== "isdbgrid") {
    throw new mongoose.MongooseError("it is not a replica set, and without one has no transactions.");
  }
}

export const disconnectMongo = (): Promise<void> => mongoose.disconnect();

/** The name of the database. */
export const mongoName = (): string => mongoose.connection.name;

/** Whether writes would be taken now. */
export async function canWrite(): Promise<boolean> {
  const hello = await mongoose.connection.db?.command({ hello: 1 });
  return hello?.isWritablePrimary === true;
}

/**
 * Runs `work` in a transaction, or in the one that is already under way. Mongoose passes the session along by
 * itself. `work` may run again when the database asks for it, so it changes nothing but the database; and its
 * operations run one after the other, never in parallel.
 */
export async function transaction<T>(work: () => Promise<T>): Promise<T> {
  if (current.getStore()) return work();
  const scope: Scope = { atCommit: new Map(), afterCommit: [] };
  const start = performance.now();
  const result = await current.run(scope, () =>
    mongoose.connection.transaction(
      async () => {
        if (performance.now() - start > TRANSACTION_MS)
          throw new WarbleError("UNAVAILABLE", { retryAfter: 5 });
        scope.afterCommit = [];
        scope.atCommit = new Map();
        const result = await work();
        for (const [write, items] of scope.atCommit) await write(items as never[]);
        return result;
      },
      { readConcern: { level: "snapshot" }, writeConcern: { w: "majority" } },
    ),
  );
  for (const act of scope.afterCommit) act();
  return result as T;
}

/** Whether a transaction is under way here: what it reads must be read through it. */
export const inTransaction = (): boolean => current.getStore() !== undefined;

/** Reads two things at once, or, in a transaction, one after the other. */
export async function both<One, Other>(
  one: () => Promise<One>,
  other: () => Promise<Other>,
): Promise<[One, Other]> {
  return inTransaction() ? [await one(), await other()] : Promise.all([one(), other()]);
}

/**
 * Has items written by `writer` together with all else that it is given in the transaction under way, as the last thing
 * in it; at once where there is none.
 */
export async function atCommit<T>(writer: Writer<T>, items: T[]): Promise<void> {
  const scope = current.getStore();
  if (!scope) return writer(items);
  scope.atCommit.set(writer, [...(scope.atCommit.get(writer) ?? []), ...items]);
}

/** Does `act` once the transaction under way has committed; at once where there is none. */
export function afterCommit(act: AfterCommit): void {
  const scope = current.getStore();
  if (scope) scope.afterCommit.push(act);
  else act();
}

const DUPLICATE = 11000;

/** Whether the error is a unique index saying that the thing exists. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE;
}

/**
 * Stores very many records as they are, but for those that exist; not in a transaction. It is done by the command itself,
 * for the driver measures each record before it sends it.
 */
export async function insertMissing(
  { db, collection }: Pick<Model<never>, "db" | "collection">,
  records: object[],
): Promise<void> {
  if (records.length === 0) return;
  const { writeErrors = [], writeConcernError } = await db
    .getClient()
    .db(db.name)
    .command({
      insert: collection.name,
      documents: records,
      ordered: false,
      writeConcern: { w: "majority" },
    });
  const failed = writeErrors.find(({ code }: { code: number }) => code !== DUPLICATE) ?? writeConcernError;
  if (failed) throw new mongoose.mongo.MongoServerError(failed);
}

/** A stored thing. */
export interface Stored {
  _id: ObjectId;
}

/** A schema that stores what it names and nothing else, under an id of ours. */
export function schemaOf<T extends Stored>(
  definition: SchemaDefinition<Omit<T, "_id">>,
  options: SchemaOptions = {},
): Schema<T> {
  const withId = { _id: { type: Schema.Types.ObjectId, default: newId }, ...definition };
  return new Schema<T>(
    withId as unknown as SchemaDefinition<T>,
    {
      strict: "throw",
      versionKey: false,
      minimize: false,
      ...options,
    } as never,
  );
}

/** A group of fields inside a stored thing. */
export const part = (definition: SchemaDefinition): Schema => new Schema(definition, { _id: false });

/** The model of a collection, the same one however often the file is loaded. */
export function modelOf<T extends Stored>(name: string, schema: Schema<T>, collection: string): Model<T> {
  return (mongoose.models[name] as Model<T> | undefined) ?? mongoose.model<T>(name, schema, collection);
}
