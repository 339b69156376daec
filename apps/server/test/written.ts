import { hashtagKey, parseText, searchTerms } from "@warble/contracts";
import mongoose from "mongoose";
import { idAt, newId, type ObjectId, oid } from "../src/platform/id";

/** An id that was made at this moment. */
export const idFrom = (at: Date): ObjectId =>
  oid(idAt(at).toHexString().slice(0, 12) + newId().toHexString().slice(12));

/** A tweet as it is stored, written at this moment by this user: nothing has followed from it. */
export function tweetFrom(authorId: ObjectId, content: string, at: Date) {
  const entities = parseText(content).spans.filter(({ type }) => type === "hashtag");
  const tags = entities.flatMap((entity) =>
    entity.type === "hashtag" ? [`#${hashtagKey(entity.tag)}`] : [],
  );
  return {
    _id: idFrom(at),
    kind: "tweet",
    authorId,
    content,
    entities,
    terms: [...new Set([...searchTerms(content), ...tags, `from:${authorId}`])],
    counts: { likes: 0, retweets: 0, replies: 0 },
    version: 0,
    createdAt: at,
    editedAt: null,
    deletedAt: null as Date | null,
    removedAt: null,
  };
}

/** Stores what was written, and no more. @returns their ids */
export async function store(tweets: ReturnType<typeof tweetFrom>[]): Promise<string[]> {
  await mongoose.connection.collection("posts").insertMany(tweets as never[]);
  return tweets.map(({ _id }) => String(_id));
}
