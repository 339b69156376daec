export { type DevMongo, type DevMongoOptions, startMongo } from "./dev";
export { type EnsureMongoOptions, ensureMongo } from "./ensure";
export { BinaryNotFoundError } from "./errors";
export { makeOwnedDir, orphanedDirs } from "./owned-dir";
export { startThrowawayRedis, type ThrowawayRedis } from "./redis";
export { startThrowawayMongo, type ThrowawayMongo, type ThrowawayMongoOptions } from "./throwaway";
