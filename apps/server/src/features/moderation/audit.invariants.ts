import { everyRecord, type Invariant, missing, offWhere } from "../../platform/invariant";

export const auditInvariants: Invariant[] = [
  everyRecord({
    name: "the audit log has numbers without gaps",
    of: "audit",
    off: [
      { $set: { before: { $subtract: ["$number", 1] } } },
      { $lookup: { from: "audit", localField: "before", foreignField: "number", as: "row" } },
      ...offWhere([{ $and: [{ $ne: ["$number", 1] }, missing("row")] }], { number: 1 }),
    ],
  }),
  everyRecord({
    name: "there is an administrator, once there was one",
    of: "audit",
    where: { action: "setRole", reason: /-> admin$/ },
    off: [
      {
        $lookup: {
          from: "users",
          pipeline: [{ $match: { role: "admin" } }, { $limit: 1 }, { $project: { _id: 1 } }],
          as: "admins",
        },
      },
      ...offWhere([missing("admins")], { number: 1 }),
    ],
  }),
];
