import { now, nowMs } from "../../platform/clock";
import { newId } from "../../platform/id";
import { digestOf } from "../../platform/token";
import { emailKey } from "./account.service";
import { MailCountModel } from "./mail-count.model";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PER_HOUR = 3;
const PER_DAY = 10;

type MailKind = "registration" | "verification" | "reset" | "codesGuessed" | "change" | "changeNotice";

/**
 * Counts one mail of a kind that strangers can cause, by address: however many accounts claim one, its inbox stays
 * quiet. Inside a transaction only.
 * @returns whether it may be sent
 */
export async function mayMail(email: string, kind: MailKind): Promise<boolean> {
  const key = digestOf(`${kind} ${emailKey(email)}`);
  const sentAt = (await MailCountModel.findOne({ key }).lean())?.sentAt ?? [];
  const since = (ms: number) => sentAt.filter((at) => at.getTime() > nowMs() - ms).length;
  if (since(HOUR_MS) >= PER_HOUR || since(DAY_MS) >= PER_DAY) return false;
  await MailCountModel.updateOne(
    { key },
    {
      $push: { sentAt: { $each: [now()], $position: 0, $slice: PER_DAY } },
      $set: { expiresAt: new Date(nowMs() + DAY_MS) },
      $setOnInsert: { _id: newId() },
    },
    { upsert: true },
  );
  return true;
}
