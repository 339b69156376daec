import type { TRPCRouterRecord } from "@trpc/server";
import {
  Hashtag,
  PageInput,
  pageOf,
  SearchHashtags,
  SearchTweets,
  SearchUsers,
  Suggest,
  Suggestions,
  Trend,
  Tweet,
  UserCard,
} from "@warble/contracts";
import { answer, anyone, limit } from "../../platform/trpc";
import { searchHashtags } from "./hashtag-search.service";
import { suggest } from "./suggest.service";
import { listTrends } from "./trend.service";
import { searchTweets } from "./tweet-search.service";
import { searchUsers } from "./user-search.service";

const searching = anyone.meta(limit("search"));

export const search = {
  /**
   * Users by the beginning of their names, typos forgiven; people the viewer follows first. Fails with BAD_CURSOR.
   */
  users: searching
    .input(SearchUsers)
    .output(answer(pageOf(UserCard)))
    .query(({ ctx, input }) => searchUsers(ctx, input)),

  /** Tweets that hold all that is asked for: words, phrases, tags, people, times. Fails with BAD_CURSOR. */
  tweets: searching
    .input(SearchTweets)
    .output(answer(pageOf(Tweet)))
    .query(({ ctx, input }) => searchTweets(ctx, input)),

  /** Hashtags by how they begin, with their last seven days. Fails with BAD_CURSOR. */
  hashtags: searching
    .input(SearchHashtags)
    .output(answer(pageOf(Hashtag)))
    .query(({ ctx, input }) => searchHashtags(ctx, input)),

  /** Hashtags that more people use now than the day before. Fails with BAD_CURSOR. */
  trends: searching
    .input(PageInput)
    .output(answer(pageOf(Trend)))
    .query(({ ctx, input }) => listTrends(ctx, input)),

  /** The few users and hashtags that fit best what somebody has begun to type. */
  suggest: searching
    .input(Suggest)
    .output(answer(Suggestions))
    .query(({ ctx, input }) => suggest(ctx, input)),
} satisfies TRPCRouterRecord;
