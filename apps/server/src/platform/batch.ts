import DataLoader from "dataloader";
import type { ObjectId } from "./id";
import { inTransaction, type Stored } from "./mongo";

const MOST_IDS = 1_000;

/**
 * Has all that ask for records by id in one turn of the event loop, whichever calls they serve, share one query. Nothing
 * is kept. A transaction reads for itself alone.
 * @param read the records of these ids, in any order
 */
export function batchById<T extends Stored>(
  read: (ids: ObjectId[]) => Promise<T[]>,
): (ids: ObjectId[]) => Promise<T[]> {
  const readInOrder = async (ids: readonly ObjectId[]): Promise<(T | undefined)[]> => {
    const wanted = new Map(ids.map((id) => [String(id), id]));
    const found = new Map((await read([...wanted.values()])).map((record) => [String(record._id), record]));
    return ids.map((id) => found.get(String(id)));
  };
  const load = batch(readInOrder, MOST_IDS);
  return async (ids) => {
    if (inTransaction()) return read(ids);
    const unique = [...new Map(ids.map((id) => [String(id), id])).values()];
    const records = await Promise.all(unique.map(load));
    return records.filter((record) => record !== undefined);
  };
}

/**
 * Has all that ask in one turn of the event loop share one answer. Nothing is kept. Not inside a transaction.
 * @param read the answers to these questions, in their order
 * @param most questions at once
 */
export function batch<Question, Answer>(
  read: (questions: readonly Question[]) => Promise<Answer[]>,
  most: number,
): (question: Question) => Promise<Answer> {
  const loader = new DataLoader<Question, Answer, Question>(read, {
    cache: false,
    maxBatchSize: most,
    batchScheduleFn: (readAll) => setImmediate(readAll),
  });
  return (question) => loader.load(question);
}
