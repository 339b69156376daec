import { type Entity, hashtagKey, LIMITS, parseText, searchTerms } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { WarbleError } from "../../platform/error";
import { requireAllowedText } from "../filters/filter.service";
import { findUsersByName, usernameKey } from "../users/user.service";
import { showCards } from "../users/user.view";
import type { PostRecord } from "./post.model";

/** A text that may be posted, with what it means. */
export type ReadContent = Pick<PostRecord, "content" | "entities">;

const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Reads the text of a tweet or comment. A mention of somebody who cannot be mentioned is plain text.
 * @throws WarbleError BAD_INPUT when it is blank, too long, or mentions or tags too much; CONTENT_REFUSED
 */
export async function readContent(ctx: Pick<Context, "viewer">, input: string): Promise<ReadContent> {
  const { text, weight, bytes, spans } = parseText(input);
  if (!VISIBLE.test(text)) refuse("too_small", "must not be blank");
  atMost(LIMITS.postWeight, weight, "characters");
  atMost(LIMITS.postBytes, bytes, "bytes");
  const mentions = spans.filter((span) => span.type === "mention");
  atMost(LIMITS.mentionsPerPost, mentions.length, "mentions");
  atMost(LIMITS.hashtagsPerPost, spans.filter((span) => span.type === "hashtag").length, "hashtags");
  await requireAllowedText(text);
  const ids = await mentionable(
    ctx,
    mentions.map((mention) => mention.username),
  );
  const entities = spans.flatMap((span): Entity[] => {
    if (span.type !== "mention") return [span];
    const userId = ids.get(usernameKey(span.username));
    return userId === undefined ? [] : [{ ...span, userId }];
  });
  return { content: text, entities };
}

/** What a post is found by: its words, `#key` of its hashtags, `@id` of whom it mentions, `from:id` of its author. */
export function termsOf({
  authorId,
  content,
  entities,
}: Pick<PostRecord, "authorId" | "content" | "entities">): string[] {
  const meant = entities.flatMap((entity) => {
    if (entity.type === "hashtag") return `#${hashtagKey(entity.tag)}`;
    return entity.type === "mention" ? `@${entity.userId}` : [];
  });
  return [...new Set([...searchTerms(content), ...meant, `from:${authorId}`])];
}

/** The ids of those whom a post mentions. */
export const mentionedIn = (entities: Entity[]): string[] => [
  ...new Set(entities.flatMap((entity) => (entity.type === "mention" ? entity.userId : []))),
];

async function mentionable(ctx: Pick<Context, "viewer">, usernames: string[]): Promise<Map<string, string>> {
  if (usernames.length === 0) return new Map();
  const users = await findUsersByName(usernames);
  const shown = await showCards(ctx, users, "profile");
  return new Map(shown.flatMap((user) => (user ? [[usernameKey(user.username), user.id]] : [])));
}

function atMost(limit: number, actual: number, what: string): void {
  if (actual > limit)
    refuse("too_big", `has ${actual} ${what}: ${actual - limit} more than the ${limit} that fit`);
}

function refuse(code: string, message: string): never {
  throw new WarbleError("BAD_INPUT", {
    message: `The text ${message}.`,
    issues: [{ path: ["content"], code, message }],
  });
}
