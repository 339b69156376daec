import { hashtagKey } from "@warble/contracts";
import { NOBODY, newId, type ObjectId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { findPosts, type PostRecord } from "../posts/post.service";
import { HashtagModel, HashtagUseModel, type HashtagUseRecord } from "./hashtag.model";

/** Longer beginnings are looked up by their first letters. */
const BEGINNING = 8;

/** What a hashtag that begins like this is found under. */
export const beginningOf = (key: string): string => [...key].slice(0, BEGINNING).join("");

/** Counts the hashtags that a post holds now, and no longer those that it held before. */
export async function countHashtagsOf(postId: string): Promise<void> {
  await transaction(async () => {
    const [post] = await findPosts([oid(postId)]);
    if (!post) return;
    const now = useOf(post);
    const before = await HashtagUseModel.findById(post._id).lean();
    if (!before && now.version === 0 && now.tags.length === 0) return;
    // Written even where nothing changes: of two that count at once, one must conflict, or the older text could win.
    await HashtagUseModel.updateOne({ _id: post._id }, { $set: now, $inc: { counted: 1 } }, { upsert: true });
    await moveCounts(keysOf(before), keysOf(now));
  });
}

function useOf({
  authorId,
  createdAt,
  deletedAt,
  entities,
  version,
}: PostRecord): Omit<HashtagUseRecord, "_id" | "counted"> {
  const tags = new Map<string, string>();
  for (const entity of deletedAt ? [] : entities) {
    if (entity.type === "hashtag") tags.set(hashtagKey(entity.tag), entity.tag);
  }
  return {
    userId: deletedAt ? NOBODY : authorId,
    day: createdAt.toISOString().slice(0, 10),
    tags: [...tags].map(([key, tag]) => ({ key, tag })),
    version: deletedAt ? version + 1 : version,
  };
}

const keysOf = (use: Pick<HashtagUseRecord, "tags"> | null): string[] =>
  use?.tags.map(({ key }) => key).sort() ?? [];

async function moveCounts(before: string[], now: string[]): Promise<void> {
  for (const key of now.filter((each) => !before.includes(each))) {
    await HashtagModel.updateOne(
      { key },
      { $inc: { uses: 1 }, $setOnInsert: { _id: newId(), beginnings: beginningsOf(key) } },
      { upsert: true },
    );
  }
  for (const key of before.filter((each) => !now.includes(each))) {
    await HashtagModel.updateOne({ key, uses: { $gt: 0 } }, { $inc: { uses: -1 } });
  }
}

/** Sets the number of a hashtag's uses to what is counted. */
export const recountHashtag = (id: ObjectId): Promise<void> =>
  transaction(async () => {
    const hashtag = await HashtagModel.findById(id).lean();
    if (!hashtag) return;
    const uses = await HashtagUseModel.countDocuments({ "tags.key": hashtag.key });
    await HashtagModel.updateOne({ _id: id }, { $set: { uses } });
  });

const beginningsOf = (key: string): string[] => {
  const letters = [...beginningOf(key)];
  return letters.map((_, end) => letters.slice(0, end + 1).join(""));
};

/** The latest uses of each of these hashtags, at most `count` of each. */
export async function latestUses(keys: string[], count: number): Promise<Map<string, HashtagUseRecord[]>> {
  const rows = await HashtagModel.aggregate<{ key: string; uses: HashtagUseRecord[] }>([
    { $match: { key: { $in: keys } } },
    {
      $lookup: {
        from: HashtagUseModel.collection.name,
        localField: "key",
        foreignField: "tags.key",
        pipeline: [{ $sort: { day: -1, _id: -1 } }, { $limit: count }],
        as: "uses",
      },
    },
    { $project: { _id: 0, key: 1, uses: 1 } },
  ]);
  return new Map(rows.map(({ key, uses }) => [key, uses]));
}

/** How often, and by how many people, a hashtag was used on a day. */
export interface DayOfUse {
  key: string;
  day: string;
  uses: number;
  accounts: number;
}

/** The use of these hashtags from this day on, day by day. */
export const usesByDay = (keys: string[], from: string): Promise<DayOfUse[]> =>
  HashtagUseModel.aggregate<DayOfUse>([
    { $match: { "tags.key": { $in: keys }, day: { $gte: from } } },
    { $unwind: "$tags" },
    { $match: { "tags.key": { $in: keys } } },
    { $group: { _id: { key: "$tags.key", day: "$day", userId: "$userId" }, uses: { $sum: 1 } } },
    {
      $group: {
        _id: { key: "$_id.key", day: "$_id.day" },
        uses: { $sum: "$uses" },
        accounts: { $sum: 1 },
      },
    },
    { $project: { _id: 0, key: "$_id.key", day: "$_id.day", uses: 1, accounts: 1 } },
  ]);
