import type { TRPCRouterRecord } from "@trpc/server";
import { FeedItem, HashtagTimeline, PageInput, pageOf, UserTimeline } from "@warble/contracts";
import { answer, anyone, signedIn } from "../../platform/trpc";
import { homeTimeline } from "./home.service";
import { hashtagTimeline, userTimeline } from "./timeline.service";

const items = answer(pageOf(FeedItem));

export const timelines = {
  /**
   * What the viewer and those they follow tweeted and retweeted, newest first; each tweet once. Fails with
   * BAD_CURSOR.
   */
  home: signedIn
    .input(PageInput)
    .output(items)
    .query(({ ctx, input }) => homeTimeline(ctx, input)),

  /**
   * What a user tweeted and retweeted, answered, or likes, newest first. Fails with USER_NOT_FOUND, BAD_CURSOR.
   */
  user: anyone
    .input(UserTimeline)
    .output(items)
    .query(({ ctx, input }) => userTimeline(ctx, input)),

  /** The tweets with a hashtag, newest first. Fails with BAD_CURSOR. */
  hashtag: anyone
    .input(HashtagTimeline)
    .output(items)
    .query(({ ctx, input }) => hashtagTimeline(ctx, input)),
} satisfies TRPCRouterRecord;
