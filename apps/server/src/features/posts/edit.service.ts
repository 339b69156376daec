import type { ListById, Page, TweetVersion } from "@warble/contracts";
import { z } from "zod";
import { now } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { newId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { inTurn } from "../../platform/turn";
import { reportFlagged } from "../filters/filter.service";
import { mentionedIn, readContent, termsOf } from "./content.service";
import { PostModel, type PostRecord } from "./post.model";
import { notFound, type PostKey, postEdited } from "./post.service";
import { VersionModel, type VersionRecord } from "./version.model";

/**
 * Gives a post another text and keeps the former one.
 * @throws WarbleError BAD_INPUT, CONTENT_REFUSED, NO_CHANGE, TWEET_NOT_FOUND or COMMENT_NOT_FOUND
 */
export async function editPost(ctx: ViewerContext, { kind, id }: PostKey, input: string): Promise<void> {
  const read = await readContent(ctx, input);
  const write = async () => {
    const post = await PostModel.findOne({ _id: oid(id), kind, deletedAt: null }).lean();
    if (!post) throw notFound(kind);
    if (post.content === read.content) throw new WarbleError("NO_CHANGE");
    const terms = termsOf({ ...read, authorId: post.authorId });
    await PostModel.updateOne(
      { _id: post._id },
      { $set: { ...read, terms, editedAt: now() }, $inc: { version: 1 } },
    );
    await VersionModel.insertMany([{ _id: newId(), postId: post._id, ...versionOf(post) }]);
    const before = new Set(mentionedIn(post.entities));
    const mentioned = mentionedIn(read.entities).filter((userId) => !before.has(userId));
    await ctx.jobs.emit(postEdited, { postId: id, mentioned });
    await reportFlagged(ctx, { targetType: kind, targetId: id }, [read.content]);
  };
  await inTurn([id], () => transaction(write));
}

const VersionCursor = z.strictObject({ before: z.int().min(0) });

/** What a post says and said, newest first. The rules are not applied. */
export function listVersions(post: PostRecord, { cursor, limit }: ListById): Promise<Page<TweetVersion>> {
  const start = decodeCursor(cursor, VersionCursor);
  const former = (before: number, count: number) =>
    VersionModel.find({ postId: post._id, version: { $lt: before } })
      .sort({ version: -1 })
      .limit(count)
      .lean<Version[]>();
  return fillPage<Version, TweetVersion>({
    limit,
    read: async (last, count) => {
      const before = last?.version ?? start?.before;
      if (before !== undefined) return former(before, count);
      return [versionOf(post), ...(await former(post.version, count - 1))];
    },
    show: async (versions) =>
      versions.map(({ version, content, entities, createdAt }) => ({
        version,
        content,
        entities,
        createdAt: createdAt.toISOString(),
      })),
    cursorOf: (version) => encodeCursor({ before: version.version }),
  });
}

type Version = Pick<VersionRecord, "version" | "content" | "entities" | "createdAt">;

const versionOf = ({ version, content, entities, editedAt, createdAt }: PostRecord): Version => ({
  version,
  content,
  entities,
  createdAt: editedAt ?? createdAt,
});
