// Starts a mongod in a process of its own, for tests that end that process in rude ways.
import { startMongo, startThrowawayMongo } from "../src/index";
import { mongodPid } from "./client";

const dbPath = process.argv[2];
const { url } = dbPath ? await startMongo({ dbPath }) : await startThrowawayMongo();
console.log(JSON.stringify({ url, pid: await mongodPid(url) }));
process.stdin.once("data", () => process.exit());
