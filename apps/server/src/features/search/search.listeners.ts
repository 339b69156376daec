import type { Listener } from "../../platform/events";
import { countHashtagsOf } from "./hashtag-use.service";

/** Keeps the counts of hashtags with what posts hold now. */
export const countHashtags: Listener<{ postId: string }> = (_app, { postId }) => countHashtagsOf(postId);
