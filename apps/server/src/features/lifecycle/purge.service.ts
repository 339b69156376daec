import { nowMs } from "../../platform/clock";
import type { App } from "../../platform/context";
import { type ObjectId, oid } from "../../platform/id";
import { transaction } from "../../platform/mongo";
import { forgetAnswers } from "../../platform/once";
import { accountClosed } from "../auth/closing.service";
import { dropSecrets } from "../auth/secret.service";
import { removeSessions } from "../auth/session.service";
import { removeSomeConversations, removeSomeMessages } from "../chat/purge.service";
import { forgetModeration } from "../moderation/purge.service";
import { removeMutes } from "../mutes/mute.service";
import { removeSomeNotifications } from "../notifications/notify.service";
import {
  emptyPosts,
  ensureRemoved,
  removeSomeLikes,
  removeSomeMentions,
  removeSomeRetweets,
  somePostsBy,
} from "../posts/purge.service";
import { forgetLoud } from "../relationships/loud.service";
import { removeSomeEdges } from "../relationships/purge.service";
import { countHashtagsOf } from "../search/hashtag-use.service";
import { forgetInTrends } from "../search/trend-board.service";
import { removeInbox } from "../timelines/inbox.service";
import { findUser, removeUser } from "../users/user.service";
import { removeSomeExports } from "./export.service";

/** A job goes on for so long, well within its lease, and leaves the rest to the next. */
const STRETCH_MS = 20_000;

/** Takes away some of what is a user's, so that it may be cut off anywhere and taken up again. @returns whether there may be more */
type Step = (app: App, userId: ObjectId) => Promise<boolean>;

const STEPS: Step[] = [
  // First of all, so that what goes afterwards is in nobody's inbox.
  removeSomeEdges,
  removeSomePosts,
  removeSomeMentions,
  removeSomeLikes,
  removeSomeRetweets,
  (_app, userId) => removeInbox(userId).then(() => false),
  (_app, userId) => forgetLoud(userId).then(() => false),
  // A code that was asked for while the account was closed is stored after the others were dropped.
  (_app, userId) => dropSecrets(userId).then(() => false),
  (_app, userId) => forgetAnswers(userId).then(() => false),
  (_app, userId) => removeMutes(userId).then(() => false),
  (_app, userId) => forgetInTrends(userId).then(() => false),
  removeSomeConversations,
  removeSomeMessages,
  removeSomeNotifications,
  removeSomeExports,
  forgetModeration,
  ({ events }, userId) => events.forgetSome(userId),
];

async function removeSomePosts(app: App, userId: ObjectId): Promise<boolean> {
  const posts = await somePostsBy(userId);
  for (const post of posts) {
    await ensureRemoved(app, post);
    // Their tags are counted no longer while it is still known which they were.
    await countHashtagsOf(String(post._id));
  }
  await emptyPosts(posts.map(({ _id }) => _id));
  return posts.length > 0;
}

/**
 * Takes away all that is the user's of a closed account: at once, and once more when what they, or others about them, had
 * under way at that moment has ended. Then their record goes, and their name is free.
 */
export async function purgeUser(app: App, userId: string): Promise<void> {
  const start = performance.now();
  const id = oid(userId);
  const user = await findUser({ id: userId });
  if (user && !user.deletedAt) return;
  const settled = (user?.deletedAt?.getTime() ?? 0) + app.config.policy.closedSettlesIn * 1000;
  const isLast = settled <= nowMs();
  for (const step of STEPS) {
    while (await step(app, id)) {
      if (performance.now() - start > STRETCH_MS) return app.jobs.emit(accountClosed, { userId });
    }
  }
  if (!isLast) return app.jobs.emit(accountClosed, { userId }, { runAt: new Date(settled) });
  await transaction(async () => {
    await removeSessions(app, id);
    await removeUser(id);
  });
}
