import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** When mails that strangers can cause were sent to an address, whether or not anybody has it. */
export interface MailCountRecord extends Stored {
  /** A digest of the address and the kind of mail. */
  key: string;
  /** The newest first. */
  sentAt: Date[];
  expiresAt: Date;
}

const schema = schemaOf<MailCountRecord>({
  key: { type: String, required: true, unique: true },
  sentAt: { type: [Date], default: undefined },
  expiresAt: { type: Date, required: true, expires: 0 },
});

export const MailCountModel = modelOf<MailCountRecord>("MailCount", schema, "mailCounts");
