import { readMongoUrl } from "./config";
import { explain } from "./explain";
import { makeAdmin } from "./features/moderation/moderation.service";
import { findUser } from "./features/users/user.service";
import { syncClock } from "./platform/clock";
import { connectMongo, disconnectMongo } from "./platform/mongo";

interface Outcome {
  exitCode: 0 | 1;
  message: string;
}

/** Makes a user an administrator and says on one line how it went. */
export async function runMakeAdmin(env: NodeJS.ProcessEnv, username = ""): Promise<void> {
  const { exitCode, message } = await attempt(env, username.replace(/^@/, "")).catch((error) => ({
    exitCode: 1,
    message: explain(error),
  }));
  process[exitCode === 0 ? "stdout" : "stderr"].write(`${message}\n`);
  process.exitCode = exitCode;
}

async function attempt(env: NodeJS.ProcessEnv, username: string): Promise<Outcome> {
  if (!username) return { exitCode: 1, message: "Say who: make-admin <username>" };
  await connectMongo(readMongoUrl(env));
  const stopClock = await syncClock();
  try {
    return await promote(username);
  } finally {
    stopClock();
    await disconnectMongo();
  }
}

async function promote(username: string): Promise<Outcome> {
  const user = await findUser({ username });
  if (!user) {
    return {
      exitCode: 1,
      message: `There is no user called ${username}: register first, then run this again.`,
    };
  }
  const changed = await makeAdmin(username);
  return { exitCode: 0, message: `${user.username} is an administrator ${changed ? "now" : "already"}.` };
}
