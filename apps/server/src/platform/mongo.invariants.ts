import mongoose, { type IndexDefinition, type IndexOptions, type Model } from "mongoose";
import type { Finding, Invariant } from "./invariant";

type Required = [keys: IndexDefinition, options: IndexOptions];

/** That each index is there that a query relies on, and that none of them lets through twice what is to be once. */
export const indexInvariants: Invariant[] = [
  {
    name: "all indexes are there, and what is to be unique is",
    pieces: async function* () {
      for (const model of baseModels()) {
        const required = model.schema.indexes() as Required[];
        yield { looked: required.length, look: () => lookAtIndexes(model, required) };
      }
    },
  },
];

/** One a collection: a discriminator stores in another's. */
const baseModels = (): Model<unknown>[] =>
  Object.values(mongoose.models).filter((model) => !model.baseModelName);

async function lookAtIndexes(model: Model<unknown>, required: Required[]): Promise<Finding[]> {
  const { name } = model.collection;
  const [there] = await mongoose.connection
    .listCollections()
    .then((all) => all.filter((each) => each.name === name));
  const actual = there ? await model.collection.indexes() : [];
  const lacking = required.filter(
    ([keys, options]) => !actual.some((index) => signOf([index.key, index]) === signOf([keys, options])),
  );
  const findings: Finding[] = [];
  for (const [keys, options] of lacking) {
    const twice = options.unique ? await findTwice(model, keys, options) : undefined;
    findings.push({ id: `${name} ${JSON.stringify(keys)}`, how: { missing: true, ...twice } });
  }
  return findings;
}

/** What makes an index the same as another; the rest may be what the database adds to it. */
function signOf([keys, options]: [unknown, IndexOptions]): string {
  const { unique, sparse, partialFilterExpression = null, expireAfterSeconds = null } = options;
  return JSON.stringify([
    keys,
    Boolean(unique),
    Boolean(sparse),
    partialFilterExpression,
    expireAfterSeconds,
  ]);
}

/** What stands in the way of a unique index: what there is more than once. */
async function findTwice(
  model: Model<unknown>,
  keys: IndexDefinition,
  options: IndexOptions,
): Promise<object> {
  const fields = Object.keys(keys);
  const _id = Object.fromEntries(fields.map((field) => [field.replaceAll(".", "_"), `$${field}`]));
  const whole = options.sparse ? Object.fromEntries(fields.map((field) => [field, { $exists: true }])) : {};
  const rows = await model.collection
    .aggregate(
      [
        { $match: { ...whole, ...options.partialFilterExpression } },
        { $group: { _id, count: { $sum: 1 } } },
        { $match: { count: { $gt: 1 } } },
        { $group: { _id: null, twice: { $sum: 1 }, first: { $first: "$_id" } } },
      ],
      { allowDiskUse: true },
    )
    .toArray();
  return rows[0] ? { twice: rows[0].twice, first: rows[0].first } : {};
}
