import { everyRecord, type Invariant, offWhere } from "./invariant";

const LATE_MS = 60_000;

const ago = (milliseconds: number) => ({ $subtract: ["$$NOW", milliseconds] });

export const jobInvariants: Invariant[] = [
  everyRecord({
    name: "what is due is done within a minute",
    of: "jobs",
    where: { parkedAt: null },
    off: offWhere(
      [{ $and: [{ $lt: ["$runAt", ago(LATE_MS)] }, { $lt: [{ $ifNull: ["$leaseUntil", 0] }, "$$NOW"] }] }],
      { name: 1, runAt: 1, attempts: 1, error: 1 },
    ),
  }),
  everyRecord({
    name: "no job has been given up",
    of: "jobs",
    where: { parkedAt: { $ne: null } },
    off: offWhere([{ $literal: true }], { name: 1, parkedAt: 1, error: 1 }),
  }),
];
