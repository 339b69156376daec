import mongoose from "mongoose";
import type { Stored } from "../../src/platform/mongo";
import type { Crowd } from "./crowd";
import {
  accountsOf,
  edgesOf,
  entriesOf,
  hashtagDaysOf,
  hashtagsOf,
  hashtagUsesOf,
  likesOf,
  sessionsOf,
  tweetsOf,
  usersOf,
} from "./records";

const BATCH = 2_000;

/**
 * Writes a crowd into an empty database, as the product would have stored it. Indexes are made when the server starts:
 * that is faster than keeping them up meanwhile.
 * @param filled told after each batch how many records are stored
 */
export async function fillCrowd(
  url: string,
  crowd: Crowd,
  { passwordHash = "none", filled }: { passwordHash?: string; filled?: (count: number) => void } = {},
): Promise<void> {
  const all: [string, Generator<Stored>][] = [
    ["users", usersOf(crowd)],
    ["accounts", accountsOf(crowd, passwordHash)],
    ["sessions", sessionsOf(crowd)],
    ["edges", edgesOf(crowd)],
    ["posts", tweetsOf(crowd)],
    ["entries", entriesOf(crowd)],
    ["likes", likesOf(crowd)],
    ["hashtags", hashtagsOf(crowd)],
    ["hashtagUses", hashtagUsesOf(crowd)],
    ["hashtagDays", hashtagDaysOf(crowd)],
  ];
  const client = await mongoose.mongo.MongoClient.connect(url);
  let count = 0;
  try {
    for (const [name, records] of all) {
      const collection = client.db().collection<Stored>(name);
      let writing: Promise<unknown> = Promise.resolve();
      for (const batch of batchesOf(records)) {
        // The next batch is made while this one is written.
        await writing;
        writing = collection.insertMany(batch, { ordered: false, writeConcern: { w: 1 } });
        count += batch.length;
        filled?.(count);
      }
      await writing;
    }
  } finally {
    await client.close();
  }
}

function* batchesOf<T>(items: Iterable<T>): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
