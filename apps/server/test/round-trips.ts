import mongoose from "mongoose";

/**
 * Runs `act` and tells the commands that this process sent to the database meanwhile, but for the queue's own and what
 * is read once a second.
 */
export async function roundTrips(act: () => Promise<unknown>): Promise<string[]> {
  const client = mongoose.connection.getClient();
  const sent: string[] = [];
  const note = ({ commandName, command }: mongoose.mongo.CommandStartedEvent) => {
    const collection: unknown = command[commandName];
    if (collection !== "jobs" && collection !== "filters")
      sent.push(typeof collection === "string" ? `${commandName} ${collection}` : commandName);
  };
  client.on("commandStarted", note);
  try {
    await act();
  } finally {
    client.off("commandStarted", note);
  }
  return sent;
}
