import type { StrikeTarget } from "@warble/contracts";
import type { App } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { type ObjectId, oid } from "../../platform/id";
import { restoreMessage, takeDownMessage } from "../chat/message-restore.service";
import { restorePost, takeDownPost } from "../posts/restore.service";

/** What can be taken away. */
export type Removable = Pick<StrikeTarget, "type" | "id">;

/** What was taken away, and from whom. */
interface Taken {
  authorId: ObjectId;
  target: StrikeTarget;
}

/**
 * Takes something away so that it can be brought back; in a transaction.
 * @throws WarbleError TWEET_NOT_FOUND, COMMENT_NOT_FOUND or MESSAGE_NOT_FOUND when it is gone already
 */
export async function takeDown(app: App, { type, id }: Removable): Promise<Taken> {
  if (type === "message") {
    const { senderId, content } = await takeDownMessage(app, oid(id));
    return { authorId: senderId, target: { type, id, content } };
  }
  const { authorId, content } = await takeDownPost(app, { kind: type, id });
  return { authorId, target: { type, id, content } };
}

/** Brings something back that was taken away, unless its author has deleted it meanwhile; in a transaction. */
export async function bringBack(app: App, { type, id }: Removable): Promise<void> {
  try {
    if (type === "message") await restoreMessage(app, oid(id));
    else await restorePost(app, { kind: type, id });
  } catch (error) {
    if (!(error instanceof WarbleError) || !error.reason.endsWith("_NOT_FOUND")) throw error;
  }
}
