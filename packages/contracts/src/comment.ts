import { z } from "zod";
import type { ReasonTable } from "./error";
import { type Page, PageInput, pageOf } from "./page";
import { Id, Time } from "./scalar";
import { Content, Entity, Flag } from "./tweet";
import { UserCard } from "./user";

/** How many of each a comment has. */
export interface CommentCounts {
  likes: number;
  /** Direct answers that are not deleted. */
  replies: number;
}
export const CommentCounts: z.ZodType<CommentCounts> = z.strictObject({
  likes: z.int().min(0),
  replies: z.int().min(0),
});

/** What the viewer has done to a comment. */
export interface CommentViewer {
  liked: boolean;
}
export const CommentViewer: z.ZodType<CommentViewer> = z.strictObject({ liked: z.boolean() });

const comment = {
  id: Id,
  tweetId: Id,
  parentId: Id.nullable(),
  author: UserCard,
  content: z.string(),
  entities: z.array(Entity),
  createdAt: Time,
  editedAt: Time.nullable(),
  counts: CommentCounts,
  viewer: CommentViewer.nullable(),
  flags: z.array(Flag),
};

/** A comment on a tweet, or an answer to another comment. */
export interface Comment {
  id: string;
  tweetId: string;
  /**
   * The comment that it answers; null when it answers the tweet itself. An answer to a comment on the 50th level
   * stands beside that comment.
   */
  parentId: string | null;
  author: UserCard;
  content: string;
  entities: Entity[];
  createdAt: string;
  editedAt: string | null;
  counts: CommentCounts;
  viewer: CommentViewer | null;
  flags: Flag[];
}
export const Comment: z.ZodType<Comment> = z.strictObject(comment);

/** The place of a comment that cannot be shown, so that the thread stays connected. */
export interface Tombstone {
  id: string;
  unavailable: "deleted" | "hidden";
}
export const Tombstone: z.ZodType<Tombstone> = z.strictObject({
  id: Id,
  unavailable: z.enum(["deleted", "hidden"]),
});

/** What stands at one place of a thread. */
export type CommentOrTombstone = Comment | Tombstone;
export const CommentOrTombstone: z.ZodType<CommentOrTombstone> = z.union([Comment, Tombstone]);

/** A place in a thread, with the first of its answers. */
export interface ThreadNode {
  node: CommentOrTombstone;
  /** The first answers, the author's own before others', oldest first; `comments.replies` goes on from `nextCursor`. */
  replies: Page<ThreadNode>;
}
export const ThreadNode: z.ZodType<ThreadNode> = z.strictObject({
  node: CommentOrTombstone,
  get replies() {
    return pageOf(ThreadNode);
  },
});

/** A comment among what it answers and what answers it. */
export interface Thread {
  /** From the tweet's direct comment down to the parent. */
  ancestors: CommentOrTombstone[];
  comment: CommentOrTombstone;
  replies: Page<ThreadNode>;
}
export const Thread: z.ZodType<Thread> = z.strictObject({
  ancestors: z.array(CommentOrTombstone),
  comment: CommentOrTombstone,
  replies: pageOf(ThreadNode),
});

/** Where liking has led. */
export interface CommentState {
  viewer: CommentViewer;
  counts: CommentCounts;
}
export const CommentState: z.ZodType<CommentState> = z.strictObject({
  viewer: CommentViewer,
  counts: CommentCounts,
});

/** In an order by likes, a comment that is liked between two pages may come twice or not at all. */
export const CommentSort = z.enum(["newest", "oldest", "liked"]);
export type CommentSort = z.infer<typeof CommentSort>;

export const ListComments = PageInput.extend({ tweetId: Id, sort: CommentSort.default("newest") });
export type ListComments = z.infer<typeof ListComments>;
export const ListReplies = PageInput.extend({ id: Id, sort: CommentSort.default("oldest") });
export type ListReplies = z.infer<typeof ListReplies>;
export const CreateComment = z.strictObject({ tweetId: Id, parentId: Id.optional(), content: Content });
export type CreateComment = z.infer<typeof CreateComment>;
export const UpdateComment = z.strictObject({ id: Id, content: Content });
export type UpdateComment = z.infer<typeof UpdateComment>;

/** What each may fail with, beside what any call may. */
export const COMMENT_REASONS = {
  "comments.list": ["TWEET_NOT_FOUND", "BAD_CURSOR"],
  "comments.replies": ["COMMENT_NOT_FOUND", "BAD_CURSOR"],
  "comments.thread": ["COMMENT_NOT_FOUND"],
  "comments.get": ["COMMENT_NOT_FOUND"],
  "comments.create": ["TWEET_NOT_FOUND", "COMMENT_NOT_FOUND", "CONTENT_REFUSED"],
  "comments.update": ["COMMENT_NOT_FOUND", "FORBIDDEN", "NO_CHANGE", "CONTENT_REFUSED"],
  "comments.delete": ["COMMENT_NOT_FOUND", "FORBIDDEN"],
  "comments.like": ["COMMENT_NOT_FOUND"],
  "comments.unlike": ["COMMENT_NOT_FOUND"],
  "comments.hide": ["COMMENT_NOT_FOUND", "FORBIDDEN"],
  "comments.unhide": ["COMMENT_NOT_FOUND", "FORBIDDEN"],
} as const satisfies ReasonTable;
