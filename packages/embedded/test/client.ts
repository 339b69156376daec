import mongoose from "mongoose";

const { MongoClient } = mongoose.mongo;

interface Person {
  _id: string;
}
export type People = mongoose.mongo.Collection<Person>;

/** Runs `work` with the collection of people, and closes the connection after it. */
export async function withPeople<T>(
  url: string,
  work: (people: People, client: mongoose.mongo.MongoClient) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 1_000 });
  try {
    return await work(client.db("people").collection<Person>("people"), client);
  } finally {
    await client.close();
  }
}

export const peopleIn = (url: string): Promise<string[]> =>
  withPeople(url, (people) => people.distinct("_id"));

export const add = (url: string, name: string): Promise<unknown> =>
  withPeople(url, (people) => people.insertOne({ _id: name }, { writeConcern: { w: "majority" } }));

export const mongodPid = (url: string): Promise<number> =>
  withPeople(url, async (_people, client) => {
    const { pid } = await client.db("admin").command({ serverStatus: 1 });
    return Number(pid);
  });
