import { compareIds, type ObjectId, oid } from "../../platform/id";
import type { Finding, Invariant } from "../../platform/invariant";
import { entriesOf } from "../posts/feed.service";
import { followeesOf } from "../relationships/followees.service";
import { loudUsers } from "../relationships/loud.service";
import type { InboxRecord } from "./inbox.model";
import { findInboxes, inboxesAfter, readInbox, removeInbox } from "./inbox.service";

/** More than an inbox holds before it is cut. */
const NEWEST = 2_000;
const PIECE = 100;

export const inboxInvariants: Invariant[] = [
  {
    name: "an inbox holds what its user and those whom they follow did, as deep as it goes",
    pieces: async function* () {
      let inboxes = await inboxesAfter(undefined, PIECE);
      for (; inboxes.length > 0; inboxes = await inboxesAfter(inboxes.at(-1)?._id, PIECE)) {
        const ids = inboxes.map(({ _id }) => _id);
        yield { looked: ids.length, look: () => lacking(ids) };
      }
    },
    // It is filled anew when its user looks at home.
    repair: (id) => removeInbox(oid(id)),
  },
];

async function lacking(ids: ObjectId[]): Promise<Finding[]> {
  const loud = new Set((await loudUsers()).map(String));
  const findings: Finding[] = [];
  for (const inbox of await findInboxes(ids)) {
    const lacks = await lacksOf(inbox, loud);
    if (lacks.length > 0)
      findings.push({ id: String(inbox._id), how: { lacks: lacks.length, first: lacks[0] } });
  }
  return findings;
}

async function lacksOf({ _id, floor, filledAt }: InboxRecord, loud: Set<string>): Promise<string[]> {
  if (!filledAt) return [];
  const followees = (await followeesOf(_id)).filter((id) => !loud.has(String(id)));
  const piece = { below: undefined, count: NEWEST };
  const entries = await entriesOf([_id, ...followees], piece);
  const held = new Set((await readInbox(_id, { ...piece, floor })).map((entry) => String(entry._id)));
  return entries
    .filter((entry) => !floor || compareIds(entry._id, floor) >= 0)
    .map((entry) => String(entry._id))
    .filter((id) => !held.has(id));
}
