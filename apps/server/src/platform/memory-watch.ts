import mongoose from "mongoose";
import { nowMs } from "./clock";
import { followedCollections, forgetChange, forgetEverything, idsOf, superviseMemories } from "./memory";
import type { Relay } from "./relay";

const AWAIT_MS = 200;
/** What was not heard of for so long may have changed: a second at most is promised. */
const LATE_MS = 700;
const AGAIN_MS = 1_000;

/** A change in the database, as its stream tells it. */
interface Change {
  ns?: { coll: string };
  documentKey?: object;
  /** Of what is new; of what is changed or gone, only the id is told. */
  fullDocument?: object;
  /** When it was written, on the database's clock. */
  wallTime?: Date;
}

/**
 * Has memories forget what other nodes write: as they tell of it and, since that may be lost, by the database's stream of
 * changes. While nothing is heard of that stream, memories are not believed.
 * @returns what stops it
 */
export function watchMemories(relay: Relay, failed: (error: unknown) => void): () => Promise<void> {
  let heardAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let interrupt: () => void = () => undefined;
  relay.hear((note) => {
    if (note.kind === "forget") for (const ids of note.changes) forgetChange(note.collection, ids);
  });
  superviseMemories({
    isFresh: () => performance.now() - heardAt < LATE_MS,
    tell: (collection, changes) => relay.tell({ kind: "forget", collection, changes }),
  });
  const follow = async (): Promise<void> => {
    const stream = open();
    const close = () => stream.close().catch(() => undefined);
    interrupt = () => void close();
    try {
      // The database closes it when it is dropped.
      for (let isFirst = true; !stopped && !stream.closed; isFirst = false) {
        const change = (await stream.tryNext()) as Change | null;
        // Nobody has told what was written before it was open.
        if (isFirst) forgetEverything();
        if (change) apply(change);
        if (!change?.wallTime || nowMs() - change.wallTime.getTime() < LATE_MS) heardAt = performance.now();
      }
    } finally {
      heardAt = Number.NEGATIVE_INFINITY;
      await close();
    }
  };
  const pause = () =>
    new Promise<void>((resolve) => {
      interrupt = resolve;
      setTimeout(resolve, AGAIN_MS).unref();
    });
  const followed = (async () => {
    while (!stopped) {
      await follow().catch((error: unknown) => void (stopped || failed(error)));
      if (!stopped) await pause();
    }
  })();
  return async () => {
    stopped = true;
    interrupt();
    await followed;
  };
}

const IDS = ["_id", "userId", "actorId", "tweetId", "fromId", "toId"];

function open() {
  const { db } = mongoose.connection;
  if (!db) throw new Error("the database is not connected");
  const told = Object.fromEntries(IDS.map((name) => [`fullDocument.${name}`, 1]));
  const pipeline = [
    { $match: { "ns.coll": { $in: followedCollections() } } },
    { $project: { ns: 1, documentKey: 1, wallTime: 1, ...told } },
  ];
  return db.watch(pipeline, { maxAwaitTimeMS: AWAIT_MS });
}

function apply({ ns, documentKey, fullDocument }: Change): void {
  if (ns && documentKey) forgetChange(ns.coll, idsOf({ ...fullDocument, ...documentKey }));
  else forgetEverything();
}
