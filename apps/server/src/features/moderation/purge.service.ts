import type { App } from "../../platform/context";
import type { ObjectId } from "../../platform/id";
import { ReportModel } from "./report.model";
import { StrikeModel } from "./strike.model";

/**
 * Takes away a user's strikes, and who they are from what they reported. What was reported stays, as evidence, with whom it
 * is about; and so does the audit log. @returns that there is no more
 */
export async function forgetModeration(_app: App, userId: ObjectId): Promise<false> {
  await StrikeModel.deleteMany({ userId });
  // A case has one report of each reporter, so each is made by nobody of its own.
  const nobody = [{ $set: { reporterId: "$_id" } }];
  await ReportModel.updateMany({ reporterId: userId }, nobody, { updatePipeline: true });
  return false;
}
