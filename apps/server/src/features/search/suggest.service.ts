import type { Suggest, Suggestions } from "@warble/contracts";
import type { Context } from "../../platform/context";
import { searchHashtags } from "./hashtag-search.service";
import { searchUsers } from "./user-search.service";

const FEW = 5;

/** The few users and hashtags that fit best what somebody has begun to type. */
export async function suggest(ctx: Pick<Context, "viewer">, { query }: Suggest): Promise<Suggestions> {
  const [users, hashtags] = await Promise.all([
    /^[#＃]/u.test(query) ? [] : searchUsers(ctx, { query, limit: FEW }).then((page) => page.items),
    /^[@＠]/u.test(query) ? [] : searchHashtags(ctx, { query, limit: FEW }).then((page) => page.items),
  ]);
  return { users, hashtags };
}
