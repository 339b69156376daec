import { everyRecord, type Invariant, namesNothing } from "../../platform/invariant";

export const muteInvariants: Invariant[] = [
  everyRecord({
    name: "words and threads are muted by somebody who is there",
    of: "mutes",
    off: namesNothing("users", "userId", { userId: 1, kind: 1 }),
  }),
];
