import { isIPv4 } from "node:net";
import type { Session } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import type { SessionRecord } from "./session.model";

/** Sessions as their owner sees them. */
export const showSessions = (ctx: ViewerContext, sessions: SessionRecord[]): Promise<Session[]> =>
  Promise.all(
    sessions.map(async (session) => ({
      id: String(session._id),
      device: session.device,
      ip: showNetwork(session.network),
      place: await ctx.places.countryOf(session.network),
      createdAt: session.createdAt.toISOString(),
      lastUsedAt: session.lastUsedAt.toISOString(),
      current: String(session._id) === ctx.viewer.sessionId,
    })),
  );

/** A network, coarse: of an IPv4 address the last part is hidden. */
export const showNetwork = (network: string): string =>
  isIPv4(network) ? network.replace(/\d+$/, "x") : network;
