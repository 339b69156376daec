import { hashtagKey } from "@warble/contracts";
import { idAt, NOBODY, newId, type ObjectId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { findPosts, type PostRecord } from "../posts/post.service";
import { HashtagModel, HashtagUseModel, type HashtagUseRecord } from "./hashtag.model";
import { dayOf, moveDays } from "./hashtag-day.service";

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
    const [former, current] = [keysOf(before), keysOf(now)];
    const added = current.filter((key) => !former.includes(key));
    const removed = former.filter((key) => !current.includes(key));
    await moveCounts(added, removed);
    if (before) await moveDays({ ...before, keys: removed }, -1);
    await moveDays({ ...now, _id: post._id, keys: added }, 1);
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
    ...dayOf(createdAt),
    tags: [...tags].map(([key, tag]) => ({ key, tag })),
    version: deletedAt ? version + 1 : version,
  };
}

const keysOf = (use: Pick<HashtagUseRecord, "tags"> | null): string[] =>
  use?.tags.map(({ key }) => key).sort() ?? [];

async function moveCounts(added: string[], removed: string[]): Promise<void> {
  for (const key of added) {
    await HashtagModel.updateOne(
      { key },
      { $inc: { uses: 1 }, $setOnInsert: { _id: newId(), beginnings: beginningsOf(key) } },
      { upsert: true },
    );
  }
  for (const key of removed) {
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
        pipeline: [{ $sort: { _id: -1 } }, { $limit: count }],
        as: "uses",
      },
    },
    { $project: { _id: 0, key: 1, uses: 1 } },
  ]);
  return new Map(rows.map(({ key, uses }) => [key, uses]));
}

/** Somebody who has used a hashtag, and their last use of it. */
interface Person {
  _id: ObjectId;
  last: ObjectId;
  uses: number;
}

/** A hashtag, under its id, with who used it last. */
export interface PeopleOf {
  _id: ObjectId;
  key: string;
  people: Person[];
}

/** Who used each of these hashtags last, at most `count` in its latest `uses` since a moment; by the index alone. */
export const peopleOf = (
  keys: string[],
  { since, uses, count }: { since: Date; uses: number; count: number },
): Promise<PeopleOf[]> =>
  HashtagModel.aggregate<PeopleOf>([
    { $match: { key: { $in: keys } } },
    {
      $lookup: {
        from: HashtagUseModel.collection.name,
        localField: "key",
        foreignField: "tags.key",
        pipeline: [
          { $match: { _id: { $gte: idAt(since) } } },
          { $sort: { _id: -1 } },
          { $limit: uses },
          { $group: { _id: "$userId", last: { $first: "$_id" }, uses: { $sum: 1 } } },
          { $sort: { last: -1 } },
          { $limit: count },
        ],
        as: "people",
      },
    },
    { $project: { key: 1, people: 1 } },
  ]);

/** How most of these uses write a hashtag. */
export function mostlyWritten(key: string, uses: HashtagUseRecord[]): string {
  const counts = new Map<string, number>();
  for (const { tags } of uses) {
    const tag = tags.find((each) => each.key === key)?.tag;
    if (tag) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  const [[tag] = [key]] = [...counts].sort((a, b) => b[1] - a[1]);
  return tag;
}
