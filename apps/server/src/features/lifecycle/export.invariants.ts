import { everyRecord, type Invariant, namesNothing } from "../../platform/invariant";

export const exportInvariants: Invariant[] = [
  everyRecord({
    name: "files of people's data are somebody's",
    of: "exports",
    off: namesNothing("users", "userId", { userId: 1 }),
  }),
];
