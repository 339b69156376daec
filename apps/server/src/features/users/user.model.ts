import type { MessagesFrom, Role, UserCounts } from "@warble/contracts";
import { type ObjectId, oid } from "../../platform/id";
import { by, Memory } from "../../platform/memory";
import { modelOf, part, type Stored, schemaOf } from "../../platform/mongo";

/** A person as stored; what they sign in with is in `auth`. */
export interface UserRecord extends Stored {
  _id: ObjectId;
  username: string;
  /** The username in lower case: unique. */
  usernameKey: string;
  displayName: string;
  bio: string;
  avatarUrl: string | null;
  bannerUrl: string | null;
  location: string;
  website: string | null;
  protected: boolean;
  messagesFrom: MessagesFrom;
  showPresence: boolean;
  role: Role;
  emailVerified: boolean;
  suspension: Suspension | null;
  /** Since when they have been away of their own will; they come back by signing in. */
  deactivatedAt: Date | null;
  /** When they had their account deleted: all that is theirs is being taken away. */
  deletedAt: Date | null;
  counts: UserCounts;
  createdAt: Date;
}

/** What a user is searched by; up to some hundred strings, so nothing else reads them. */
export interface SearchKeys {
  /** The username and the words of the display name, in lower case. */
  names: string[];
  /** What these names begin with, so that the most followed come first by index. */
  beginnings: string[];
  /** Ways in which people misspell these names: see `spellingsOf`. */
  spellings: string[];
}

type StoredUser = UserRecord & SearchKeys;

/** Why a user is shut out, and until when; null is for good. */
interface Suspension {
  reason: string;
  until: Date | null;
}

const count = { type: Number, default: 0, min: 0 };

const schema = schemaOf<StoredUser>({
  username: { type: String, required: true },
  usernameKey: { type: String, required: true, unique: true },
  displayName: { type: String, required: true },
  bio: { type: String, default: "" },
  avatarUrl: { type: String, default: null },
  bannerUrl: { type: String, default: null },
  location: { type: String, default: "" },
  website: { type: String, default: null },
  protected: { type: Boolean, default: false },
  messagesFrom: { type: String, enum: ["everyone", "following", "nobody"], default: "everyone" },
  showPresence: { type: Boolean, default: true },
  role: { type: String, enum: ["user", "moderator", "admin"], default: "user" },
  emailVerified: { type: Boolean, default: false },
  suspension: { type: part({ reason: String, until: Date }), default: null },
  deactivatedAt: { type: Date, default: null },
  deletedAt: { type: Date, default: null },
  counts: { type: part({ followers: count, following: count, tweets: count }), default: () => ({}) },
  names: { type: [String], required: true, select: false },
  beginnings: { type: [String], required: true, select: false },
  spellings: { type: [String], default: [], select: false },
  createdAt: { type: Date, required: true },
});

/** The orders in which people are looked for by their names; each search says which it means. */
export const NAME_INDEXES = {
  names: { names: 1, "counts.followers": -1 },
  beginnings: { beginnings: 1, "counts.followers": -1 },
  spellings: { spellings: 1 },
} as const;
for (const keys of Object.values(NAME_INDEXES)) schema.index(keys);
schema.index({ role: 1 }, { partialFilterExpression: { role: { $in: ["moderator", "admin"] } } });

/** Whoever is shown, by their id. */
export const userMemory = new Memory<UserRecord, StoredUser>({
  collection: "users",
  schema,
  most: 40_000,
  keysOf: by("_id"),
  read: (ids) => UserModel.find({ _id: { $in: ids.map(oid) } }).lean(),
});

export const UserModel = modelOf<StoredUser>("User", schema, "users");
