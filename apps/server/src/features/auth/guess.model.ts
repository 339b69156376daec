import { modelOf, type Stored, schemaOf } from "../../platform/mongo";

/** The wrong passwords given for one name, whether or not anybody has it. */
export interface GuessRecord extends Stored {
  /** A digest of the name. */
  key: string;
  /** Since the last right one. */
  failures: number;
  /** Since the last quiet time. */
  burst: number;
  /** The next is not looked at before. */
  nextAt: Date;
  expiresAt: Date;
}

const schema = schemaOf<GuessRecord>({
  key: { type: String, required: true, unique: true },
  failures: { type: Number, required: true },
  burst: { type: Number, required: true },
  nextAt: { type: Date, required: true },
  expiresAt: { type: Date, required: true, expires: 0 },
});

export const GuessModel = modelOf<GuessRecord>("Guess", schema, "guesses");
