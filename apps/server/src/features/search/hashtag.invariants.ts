import { differ, everyRecord, type Invariant, named, offWhere } from "../../platform/invariant";
import { recountDay, recountDaysOf } from "./hashtag-day.service";
import { countHashtagsOf, recountHashtag } from "./hashtag-use.service";

const HOURS = [0, 4, 8, 12, 16, 20];

const within = (hour: number) => ({ $cond: [{ $in: [hour, "$hours"] }, 1, 0] });

const orNone = (count: string) => ({ $ifNull: [count, 0] });

export const hashtagInvariants: Invariant[] = [
  everyRecord({
    name: "hashtags are used as often as is counted",
    of: "hashtags",
    off: [
      {
        $lookup: {
          from: "hashtagUses",
          localField: "key",
          foreignField: "tags.key",
          pipeline: [{ $count: "count" }],
          as: "uses_",
        },
      },
      { $set: { counted: { $ifNull: [{ $first: "$uses_.count" }, 0] } } },
      ...offWhere([differ("$uses", "$counted")], { key: 1, uses: 1, counted: 1 }),
    ],
    repair: recountHashtag,
  }),
  everyRecord({
    name: "hashtags are used on a day as often, and by as many people, as is counted",
    of: "hashtagDays",
    off: [
      {
        $lookup: {
          from: "hashtagUses",
          localField: "key",
          foreignField: "tags.key",
          let: { day: "$day" },
          pipeline: [
            { $match: { $expr: { $eq: ["$day", "$$day"] } } },
            { $group: { _id: { userId: "$userId", hour: "$hour" }, uses: { $sum: 1 } } },
            { $group: { _id: "$_id.userId", uses: { $sum: "$uses" }, hours: { $push: "$_id.hour" } } },
            {
              $group: {
                _id: null,
                uses: { $sum: "$uses" },
                accounts: { $sum: 1 },
                ...Object.fromEntries(HOURS.map((hour) => [`h${hour}`, { $sum: within(hour) }])),
              },
            },
          ],
          as: "counted",
        },
      },
      { $set: { counted: { $first: "$counted" } } },
      ...offWhere(
        [
          ...["uses", "accounts"].map((name) => differ(`$${name}`, orNone(`$counted.${name}`))),
          ...HOURS.map((hour) => differ(orNone(`$hours.${hour}`), orNone(`$counted.h${hour}`))),
        ],
        { key: 1, day: 1, uses: 1, accounts: 1, hours: 1, counted: 1 },
      ),
    ],
    repair: recountDay,
  }),
  everyRecord({
    name: "each hashtag of a post has its day",
    of: "hashtagUses",
    off: [
      {
        $lookup: {
          from: "hashtagDays",
          localField: "tags.key",
          foreignField: "key",
          let: { day: "$day" },
          pipeline: [{ $match: { $expr: { $eq: ["$day", "$$day"] } } }],
          as: "days",
        },
      },
      ...offWhere([differ({ $size: "$days" }, { $size: "$tags" })], { tags: 1, day: 1 }),
    ],
    repair: recountDaysOf,
  }),
  everyRecord({
    name: "the hashtags of a post are counted as it reads now",
    of: "posts",
    where: { "entities.type": "hashtag", deletedAt: null },
    off: [
      named("use", "hashtagUses", "_id"),
      ...offWhere([differ("$use.version", ["$version"])], { version: 1, counted: "$use.version" }),
    ],
    repair: (id) => countHashtagsOf(String(id)),
  }),
  everyRecord({
    name: "hashtags are counted of posts that are there, as they read now, and of none that are deleted",
    of: "hashtagUses",
    off: [
      named("post", "posts", "_id"),
      { $set: { post: { $first: "$post" } } },
      { $set: { isLive: { $eq: ["$post.deletedAt", null] } } },
      ...offWhere(
        [
          { $and: ["$isLive", differ("$version", "$post.version")] },
          { $and: ["$isLive", differ("$userId", "$post.authorId")] },
          { $and: [{ $not: "$isLive" }, { $ne: ["$tags", []] }] },
        ],
        { version: 1, tags: 1, now: "$post.version" },
      ),
    ],
    repair: (id) => countHashtagsOf(String(id)),
  }),
];
