import type mongoose from "mongoose";

const PROFILE_BYTES = 64 * 1024 ** 2;
/** Read by a clock and not by a call. */
const BY_CLOCK = ["jobs", "filters", "system.profile"];

/** What the database looked at, and wrote. */
export interface Examined {
  keys: number;
  docs: number;
  written: number;
}

/** Has the database note what it does in one of its databases while `act` runs. */
export async function examinedBy(db: mongoose.mongo.Db, act: () => Promise<unknown>): Promise<Examined> {
  const profile = db.collection("system.profile");
  await db.command({ profile: 0 });
  await profile.drop().catch(() => undefined);
  await db.createCollection("system.profile", { capped: true, size: PROFILE_BYTES });
  await db.command({ profile: 2 });
  try {
    await act();
  } finally {
    await db.command({ profile: 0 });
  }
  const sum = (...fields: string[]) => ({ $sum: { $sum: fields } });
  const [found] = await profile
    .aggregate<Examined>([
      { $match: { ns: { $nin: BY_CLOCK.map((name) => `${db.databaseName}.${name}`) } } },
      {
        $group: {
          _id: null,
          keys: sum("$keysExamined"),
          docs: sum("$docsExamined"),
          written: sum("$ninserted", "$nModified", "$ndeleted", "$nUpserted"),
        },
      },
    ])
    .toArray();
  const { keys = 0, docs = 0, written = 0 } = found ?? {};
  return { keys, docs, written };
}
