import { isIPv4 } from "node:net";
import type { Session } from "@warble/contracts";
import type { Viewer } from "../../platform/context";
import type { SessionRecord } from "./session.model";

/** A session as its owner sees it. */
export const showSession = (viewer: Pick<Viewer, "sessionId">, session: SessionRecord): Session => ({
  id: String(session._id),
  device: session.device,
  ip: coarse(session.network),
  createdAt: session.createdAt.toISOString(),
  lastUsedAt: session.lastUsedAt.toISOString(),
  current: String(session._id) === viewer.sessionId,
});

const coarse = (network: string): string => (isIPv4(network) ? network.replace(/\d+$/, "x") : network);
