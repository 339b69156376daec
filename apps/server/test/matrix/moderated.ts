import mongoose from "mongoose";
import { takeDownPost } from "../../src/features/posts/restore.service";
import { newId, type ObjectId, oid } from "../../src/platform/id";
import type { TestApp } from "../harness";
import type { Owner } from "./world";

const insert = async (collection: string, row: object): Promise<string> => {
  const _id = newId();
  await mongoose.connection.collection(collection).insertOne({ _id, createdAt: new Date(), ...row });
  return String(_id);
};

/** Stores that somebody has reported a tweet that an owner wrote once. */
export async function storeReport({ id, word }: Owner, reporterId: string): Promise<string> {
  const targetId = newId();
  const caseId = await insert("reportCases", {
    targetType: "tweet",
    targetId,
    userId: oid(id),
    openKey: `tweet:${targetId}`,
    status: "open",
    assigneeId: null,
    reasons: ["spam"],
    reports: 1,
    resolved: null,
  });
  const at = new Date().toISOString();
  const evidence = { type: "post", content: word, entities: [], version: 0, createdAt: at, editedAt: null };
  const report = { caseId: oid(caseId), reporterId: oid(reporterId), reason: "spam", note: "", evidence };
  await insert("reports", report);
  return caseId;
}

/** Stores a warning of an owner, with an appeal of theirs or without. */
export const storeStrike = ({ id, word }: Owner, byId: ObjectId, appealed: boolean): Promise<string> =>
  insert("strikes", {
    userId: oid(id),
    action: "warn",
    reason: "spam",
    target: { type: "tweet", id: String(newId()), content: word },
    until: null,
    byId,
    revokedAt: null,
    appealUntil: new Date(Date.now() + 3_600_000),
    tokenHash: null,
    appeal: appealed
      ? { text: word, createdAt: new Date(), state: "pending", note: "", decidedAt: null, decidedById: null }
      : null,
  });

/** Takes a tweet or comment down, whoever wrote it. */
export async function takenDown(
  app: TestApp,
  kind: "tweet" | "comment",
  id: Promise<string>,
): Promise<string> {
  const post = { kind, id: await id };
  await takeDownPost(app.running.app, post);
  return post.id;
}
