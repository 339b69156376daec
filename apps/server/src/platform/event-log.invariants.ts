import { differ, everyRecord, type Invariant, numbered, offWhere } from "./invariant";

export const eventInvariants: Invariant[] = [
  everyRecord({
    name: "a user's events have numbers without gaps, up to the last one given",
    of: "eventHeads",
    off: [
      numbered("kept", { from: "events", by: "userId" }),
      // Of a log whose events have all been forgotten nothing is left to compare.
      { $unwind: "$kept" },
      ...offWhere(
        [
          differ("$kept.last", "$number"),
          differ("$kept.count", { $add: [{ $subtract: ["$kept.last", "$kept.first"] }, 1] }),
        ],
        { number: 1, count: "$kept.count", first: "$kept.first", last: "$kept.last" },
      ),
    ],
  }),
];
