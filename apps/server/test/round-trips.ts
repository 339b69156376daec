import mongoose from "mongoose";

type Sent = mongoose.mongo.CommandStartedEvent;

/**
 * Runs `act` and tells the commands that this process sent to the database meanwhile, but for those on some collections:
 * unless told otherwise, the queue's own and what is read once a second.
 */
export async function roundTrips(
  act: () => Promise<unknown>,
  unseen = ["jobs", "filters"],
): Promise<string[]> {
  const sent = await sentBy(act);
  return sent.flatMap(({ commandName, command }) => {
    const collection: unknown = commandName === "getMore" ? command.collection : command[commandName];
    if (typeof collection !== "string") return commandName;
    return unseen.includes(collection) ? [] : `${commandName} ${collection}`;
  });
}

/** Runs `act` and tells the names of the jobs without a key that were stored meanwhile. */
export async function jobsStored(act: () => Promise<unknown>): Promise<string[]> {
  const inserts = (await sentBy(act)).filter(({ command }) => command.insert === "jobs");
  return inserts.flatMap(({ command }) => command.documents.map(({ name }: { name: string }) => name));
}

async function sentBy(act: () => Promise<unknown>): Promise<Sent[]> {
  const client = mongoose.connection.getClient();
  if (!client.options.monitorCommands) throw new Error("startTestApp has to be told that it is counted");
  const sent: Sent[] = [];
  const note = (event: Sent) => void sent.push(event);
  client.on("commandStarted", note);
  try {
    await act();
  } finally {
    client.off("commandStarted", note);
  }
  return sent;
}
