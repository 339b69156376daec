import { everyRecord, type Invariant, missing, named, offWhere } from "../../platform/invariant";

export const exportInvariants: Invariant[] = [
  everyRecord({
    name: "files of people's data are somebody's",
    of: "exports",
    off: [named("user", "users", "userId"), ...offWhere([missing("user")], { userId: 1 })],
  }),
];
