import mongoose from "mongoose";

/** What the database's profiler says of one operation. */
export interface Profiled {
  op: string;
  collection: string;
  plan: string;
  sorted: boolean;
  docsExamined: number;
  keysExamined: number;
}

const HOUSEKEEPING = /^(system\.|jobs$)/;

/** Runs `act` and tells every operation that reached this test's database meanwhile, but for the queue's own. */
export async function profiled(act: () => Promise<unknown>): Promise<Profiled[]> {
  const { db } = mongoose.connection;
  if (!db) throw new Error("the database is not connected");
  await db.command({ profile: 0 });
  await db.dropCollection("system.profile").catch(() => undefined);
  await db.command({ profile: 2 });
  try {
    await act();
  } finally {
    await db.command({ profile: 0 });
  }
  const rows = await db.collection("system.profile").find().toArray();
  return rows
    .map((row) => ({
      op: String(row.op),
      collection: String(row.ns).slice(db.databaseName.length + 1),
      plan: String(row.planSummary ?? ""),
      sorted: row.hasSortStage === true,
      docsExamined: Number(row.docsExamined ?? 0),
      keysExamined: Number(row.keysExamined ?? 0),
    }))
    .filter(({ collection, op }) => op !== "command" || !HOUSEKEEPING.test(collection))
    .filter(({ collection }) => !HOUSEKEEPING.test(collection));
}
