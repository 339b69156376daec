// One server node in a process of its own, told what to be by its environment.
import mongoose from "mongoose";
import { createApp } from "../../src/app";
import { readConfig } from "../../src/config";
import { createAccount } from "../../src/features/auth/account.service";
import { changeUser, createUser } from "../../src/features/users/user.service";
import { DEFAULT_POLICY } from "../../src/platform/policy";
import { unlimited } from "../policy";

const { LIMITED, PEOPLE = "", PASSWORD = "" } = process.env;
const policy = LIMITED ? DEFAULT_POLICY : unlimited;
const running = await createApp({ ...readConfig(process.env), policy });

const passwordHash = await running.app.passwords.hash(PASSWORD);
for (const name of PEOPLE.split(",").filter(Boolean)) {
  const { _id } = await createUser(name, name);
  await createAccount(_id, { email: `${name}@example.com`, passwordHash });
  await changeUser(String(_id), { emailVerified: true });
}
// A job that takes long enough for others to claim some too, and leaves a trace each time that it is done.
running.app.jobs.handle("tally", async ({ n }: { n: number }) => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  await mongoose.connection.collection("tallies").insertOne({ n, pid: process.pid });
});
// A job that no process survives.
running.app.jobs.handle("deadly", async () => void process.kill(process.pid, "SIGKILL"));
process.send?.({ url: running.url });
process.once("SIGTERM", () => void running.close().finally(() => process.exit()));
// Asked how many sessions have a channel open here, and how much memory is held.
process.on("message", () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({
    sessions: running.app.channels.sessions().length,
    megabytes: (heapUsed + external) / 1024 ** 2,
  });
});
// It ends with whoever started it.
process.on("disconnect", () => process.exit());
