import { everyRecord, type Invariant, missing, named, offWhere } from "../../platform/invariant";

export const muteInvariants: Invariant[] = [
  everyRecord({
    name: "words and threads are muted by somebody who is there",
    of: "mutes",
    off: [named("user", "users", "userId"), ...offWhere([missing("user")], { userId: 1, kind: 1 })],
  }),
];
