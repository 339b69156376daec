import {
  counted,
  differ,
  everyRecord,
  type Invariant,
  missing,
  named,
  namesNothing,
  offWhere,
} from "../../platform/invariant";

const isResolved = { $eq: ["$status", "resolved"] };
const isNull = (field: string) => ({ $eq: [{ $ifNull: [field, null] }, null] });

export const reportInvariants: Invariant[] = [
  everyRecord({
    name: "cases hold as many reports as is counted, and are open or resolved",
    of: "reportCases",
    off: [
      ...counted("held", { from: "reports", by: "caseId" }),
      ...offWhere(
        [
          differ("$reports", "$held"),
          differ(isResolved, { $not: isNull("$resolved") }),
          differ(isResolved, isNull("$openKey")),
        ],
        { status: 1, reports: 1, counted: "$held" },
      ),
    ],
  }),
  everyRecord({
    // Whoever deletes their account leaves reports that bear their own ids.
    name: "reports are in a case, by somebody who is there, by a filter, or by somebody who is gone",
    of: "reports",
    off: [
      named("case", "reportCases", "caseId"),
      named("reporter", "users", "reporterId"),
      ...offWhere(
        [
          missing("case"),
          { $and: [{ $not: isNull("$reporterId") }, differ("$reporterId", "$_id"), missing("reporter")] },
        ],
        { caseId: 1, reporterId: 1 },
      ),
    ],
  }),
  everyRecord({
    name: "strikes are somebody's",
    of: "strikes",
    off: namesNothing("users", "userId", { userId: 1 }),
  }),
];
