// Starts a Redis in a process of its own, for a test that kills that process.
import { startThrowawayRedis } from "../src/index";

const redis = await startThrowawayRedis();
console.log(redis.pid());
setInterval(() => undefined, 60_000);
