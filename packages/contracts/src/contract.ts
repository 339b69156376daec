/**
 * The version of what servers and clients say to each other, in the header `warble-contract` and in the chat's handshake.
 * The first number changes when one of them would no longer understand the other.
 */
export const CONTRACT = "1.0";

/**
 * Why a client of one version cannot talk to a server of another, and what to do; null when it can.
 * @example
 * skewOf({ client: "1.2", server: "2.0" }); // "The client is older ..."
 */
export function skewOf({ client, server }: { client: string; server: string }): string | null {
  const ahead = majorOf(client) - majorOf(server);
  if (ahead === 0) return null;
  const older = ahead > 0 ? "server" : "client";
  const remedy = older === "server" ? "update the server, or use an older SDK" : "update @warble/sdk";
  return `The ${older} is older: the client speaks version ${client} of the contract, the server ${server}; ${remedy}.`;
}

const majorOf = (version: string): number => Number.parseInt(version, 10);
