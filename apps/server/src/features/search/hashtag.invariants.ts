import { differ, everyRecord, type Invariant, named, offWhere } from "../../platform/invariant";
import { countHashtagsOf, recountHashtag } from "./hashtag-use.service";

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
