import type mongoose from "mongoose";
import { found, LINES, missing } from "../lines";
import { mutation } from "../load";
import { type Findings, median } from "../report";
import type { Stage, Town } from "../stage";
import { fillInboxes } from "./followers";
import { callOnce } from "./rounds";

const BATCH = 1_000;
const INBOXES = "inboxEntries";

type Entry = { _id: mongoose.mongo.Binary } & Record<string, unknown>;

/** P6: inbox entries a second, from storing a tweet until nothing is left to do, beside `insertMany` of the same ones. */
export async function measureFanOut(stage: Stage): Promise<Findings> {
  const { rounds, fanOut } = stage.size;
  const town = await stage.town();
  const target = await stage.warble(town);
  if (!(await town.db.listCollections({ name: INBOXES }).hasNext()))
    return { lines: [missing(LINES["fan-out"].rate, "this server keeps no inboxes")] };
  await fillInboxes(stage, town, target);
  const inboxes = town.db.collection<Entry>(INBOXES);
  const star = town.crowd.star(fanOut);
  const [token = ""] = await stage.tokens(town, [star]);
  const calls = [mutation("tweets.create", { content: "This goes to everybody who follows me." }, token)];
  const floor = await copyOf(inboxes);
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await callOnce(stage, { target, calls });
    await target.idle();
    const took = performance.now() - start;
    const entries = await inboxes.find({ tweetId: await newestOf(town, star) }).toArray();
    if (entries.length < fanOut) throw new Error(`of ${fanOut} followers ${entries.length} have the tweet`);
    ours.push((entries.length / took) * 1000);
    bare.push(await insert(floor, entries));
  }
  await floor.drop();
  const done = `${fanOut.toLocaleString("en")} followers`;
  return { lines: [found(LINES["fan-out"].rate, { value: median(ours), against: median(bare), done })] };
}

async function newestOf({ crowd, db }: Town, author: number): Promise<unknown> {
  const tweets = db.collection("posts").find({ authorId: crowd.userId(author) });
  return (await tweets.sort({ _id: -1 }).limit(1).next())?._id;
}

/** A collection with the same entries and indexes, so that inserting into it is the same work. */
async function copyOf(inboxes: mongoose.mongo.Collection<Entry>): Promise<mongoose.mongo.Collection<Entry>> {
  await inboxes.aggregate([{ $out: "floorFanOut" }]).toArray();
  const floor = inboxes.db.collection<Entry>("floorFanOut");
  for (const { key, name } of await inboxes.indexes()) if (name !== "_id_") await floor.createIndex(key);
  return floor;
}

/** @returns how many a second */
async function insert(floor: mongoose.mongo.Collection<Entry>, entries: Entry[]): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < entries.length; index += BATCH)
    await floor.insertMany(entries.slice(index, index + BATCH), { writeConcern: { w: "majority", j: true } });
  return (entries.length / (performance.now() - start)) * 1000;
}
