import mongoose, { Schema } from "mongoose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testConfig } from "../../test/harness";
import { newId } from "./id";
import {
  afterCommit,
  connectMongo,
  disconnectMongo,
  isDuplicate,
  modelOf,
  type Stored,
  schemaOf,
  transaction,
} from "./mongo";

interface Thing extends Stored {
  name: string;
  count: number;
}
const schema = schemaOf<Thing>({
  name: { type: String, required: true },
  count: { type: Number, default: 0 },
});
schema.index({ name: 1 }, { unique: true });
const ThingModel = modelOf<Thing>("TestThing", schema, "testThings");
modelOf("TestNever", new Schema(), "testNevers");

beforeAll(() => connectMongo(testConfig().mongoUrl));
beforeEach(async () => {
  await ThingModel.deleteMany({});
});
afterAll(async () => {
  await mongoose.connection.dropDatabase();
  await disconnectMongo();
});

const add = (name: string) => ThingModel.insertMany([{ _id: newId(), name }]);
const names = async () => (await ThingModel.find().sort({ name: 1 }).lean()).map(({ name }) => name);
const increment = (name: string) => ThingModel.updateOne({ name }, { $inc: { count: 1 } });
/** Writes outside every transaction, as another node would. */
const elsewhere = (name: string) =>
  ThingModel.collection.updateOne({ name }, { $inc: { count: 10 } }, { session: undefined as never });

describe("transaction", () => {
  test("all of it is stored, or nothing", async () => {
    await transaction(async () => {
      await add("alice");
      await add("bob");
    });
    const failed = transaction(async () => {
      await add("carol");
      await increment("alice");
      throw new Error("changed my mind");
    });
    await expect(failed).rejects.toThrow("changed my mind");
    expect(await ThingModel.find({}, { _id: 0 }).sort({ name: 1 }).lean()).toEqual([
      { name: "alice", count: 0 },
      { name: "bob", count: 0 },
    ]);
  });

  test("one inside another joins it: the outer one's end is the end of both", async () => {
    const failed = transaction(async () => {
      await add("alice");
      const inner = await transaction(async () => {
        await add("bob");
        return "inner";
      });
      expect([inner, await names()]).toEqual(["inner", ["alice", "bob"]]);
      throw new Error("after the inner one");
    });
    await expect(failed).rejects.toThrow("after the inner one");
    expect(await names()).toEqual([]);
  });

  test("nobody outside sees any of it before it is committed", async () => {
    let seen: unknown;
    await transaction(async () => {
      await add("alice");
      seen = await ThingModel.collection.countDocuments({});
    });
    expect([seen, await names()]).toEqual([0, ["alice"]]);
  });

  test("what follows a commit happens once, after it, however often the work ran", async () => {
    await add("alice");
    const happened: string[] = [];
    let runs = 0;
    const result = await transaction(async () => {
      runs++;
      await ThingModel.findOne({ name: "alice" }).lean();
      if (runs < 3) await elsewhere("alice");
      const run = runs;
      await transaction(async () => afterCommit(() => happened.push(`inner ${run}`)));
      afterCommit(() => happened.push(`outer ${run}`));
      await increment("alice");
      expect(happened).toEqual([]);
      return "done";
    });
    expect([result, runs, happened]).toEqual(["done", 3, ["inner 3", "outer 3"]]);
    expect((await ThingModel.findOne({ name: "alice" }).lean())?.count).toBe(21);
  });

  test("what follows a commit does not happen without one, and at once where there is no transaction", async () => {
    const happened: string[] = [];
    const failed = transaction(async () => {
      afterCommit(() => happened.push("never"));
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    afterCommit(() => happened.push("at once"));
    expect(happened).toEqual(["at once"]);
  });

  test("fifty at once on one record all count", async () => {
    await add("alice");
    await Promise.all(Array.from({ length: 50 }, () => transaction(() => increment("alice"))));
    expect((await ThingModel.findOne({ name: "alice" }).lean())?.count).toBe(50);
  }, 30_000);

  test("a duplicate key is known as one", async () => {
    await add("alice");
    const error = await add("alice").catch((thrown) => thrown);
    expect([isDuplicate(error), isDuplicate(new Error("E11000"))]).toEqual([true, false]);
  });
});

describe("models", () => {
  test("an operator where a value belongs is not stored, and an unknown field not looked for", async () => {
    await add("alice");
    await expect(ThingModel.find({ nmae: "alice" } as never).lean()).rejects.toThrow("nmae");
    await expect(ThingModel.create({ name: "bob", admin: true } as never)).rejects.toThrow("admin");
    await expect(ThingModel.create({ name: { $gt: "" } } as never)).rejects.toThrow("name");
  });

  test("collections and indexes are there once it is connected", async () => {
    const { db } = mongoose.connection;
    const collections = (await db!.listCollections().toArray()).map(({ name }) => name);
    expect(collections).toEqual(expect.arrayContaining(["testThings", "testNevers"]));
    expect(await db!.collection("testThings").indexes()).toContainEqual(
      expect.objectContaining({ key: { name: 1 }, unique: true }),
    );
  });

  test("a query that takes too long ends on the server", async () => {
    await add("alice");
    const start = performance.now();
    const slow = ThingModel.find({ $where: "sleep(20000) || true" }).lean();
    await expect(slow).rejects.toMatchObject({ codeName: "MaxTimeMSExpired" });
    expect(performance.now() - start).toBeLessThan(9_000);
  });
});
