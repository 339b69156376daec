import { NOBODY } from "../../platform/id";
import { Memory } from "../../platform/memory";
import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** Somebody with so many followers that what they do is not put into every one's inbox; under their id. */
const schema = schemaOf<Stored>({});

/** The one key under which all of them are kept: they are few. */
export const EVERYONE = "everyone";

export const loudMemory = new Memory<Stored>({
  collection: "loudUsers",
  schema,
  most: 20_000,
  keysOf: () => [EVERYONE],
  read: () => LoudModel.find({ _id: { $gt: NOBODY } }).lean(),
});

export const LoudModel = modelOf<Stored>("LoudUser", schema, "loudUsers");
