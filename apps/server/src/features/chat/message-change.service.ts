import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { inTurn } from "../../platform/turn";
import { idsOf } from "./conversation.model";
import { findVisible } from "./conversation.service";
import { MessageModel, type MessageRecord } from "./message.model";
import { filterShown } from "./message.view";
import type { Seen } from "./seen.view";
import { requireNoBlock } from "./welcome.service";

/** A message that the viewer may see, with where it is. */
export interface Place {
  message: MessageRecord;
  seen: Seen;
  memberIds: string[];
}

/**
 * Changes a message of a conversation that the viewer may see, in one transaction, in the turn of its members.
 * @throws WarbleError MESSAGE_NOT_FOUND
 */
export async function changeMessage<T>(
  ctx: ViewerContext,
  messageId: string,
  change: (place: Place) => Promise<T>,
): Promise<T> {
  const { memberIds } = await findPlace(ctx, messageId);
  return inTurn(memberIds, () => transaction(async () => change(await findPlace(ctx, messageId))));
}

/** Refuses what the viewer no longer sees the content of. @throws WarbleError MESSAGE_NOT_FOUND */
export async function requireShown(
  ctx: ViewerContext,
  { message, seen }: Pick<Place, "message" | "seen">,
): Promise<void> {
  const [shown] = message.deletedAt ? [] : await filterShown(ctx, [message], [seen]);
  if (!shown) throw new WarbleError("MESSAGE_NOT_FOUND");
}

/** Refuses to say anything new across a block. @throws WarbleError USER_NOT_FOUND for who blocks the viewer, BLOCKING */
export async function requireOpen(ctx: ViewerContext, { seen }: Pick<Place, "seen">): Promise<void> {
  const [other] = seen.record.kind === "direct" ? seen.hidden : [];
  if (other !== undefined) await requireNoBlock(ctx, other);
}

async function findPlace(ctx: ViewerContext, messageId: string): Promise<Place> {
  const message = await MessageModel.findById(oid(messageId)).lean();
  const visible = message && (await findVisible(ctx, [message.conversationId]));
  const seen = visible?.get(String(message?.conversationId));
  if (!message || !seen) throw new WarbleError("MESSAGE_NOT_FOUND");
  return { message, seen, memberIds: idsOf(seen.record) };
}
