import type { ObjectId } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { ConversationModel } from "./conversation.model";
import { changeMember } from "./conversation.service";
import { countAfter } from "./unread.view";

/** Sets what each member has still to read to what is counted. */
export const recountUnread = (id: ObjectId): Promise<void> =>
  transaction(async () => {
    const record = await ConversationModel.findById(id).lean();
    if (!record) return;
    for (const member of record.members) {
      const unread = await countAfter({ record, hidden: [] }, member, member.readNumber);
      if (unread !== member.unread) await changeMember({ record, member }, { unread });
    }
  });
