import type { Comment, CommentOrTombstone, ErrorReason, FeedItem, Tweet } from "@warble/contracts";
import { expect } from "vitest";
import { allOf, type Choice, type Deed, type Move, mostlyThere, pickLate } from "./move";
import type { Person, Post, World } from "./world";

type Kind = "tweets" | "comments";

const MISSING: Record<Kind, ErrorReason> = { tweets: "TWEET_NOT_FOUND", comments: "COMMENT_NOT_FOUND" };

const likesOf = (post: Post) => ({ likes: post.likes.size });

interface AboutPost {
  reasons?: ErrorReason[];
  /** Who mostly does it, for it is theirs to do. */
  mine?: (post: Post) => Person | undefined;
  /** Of these, what is mostly chosen. */
  rather?: (post: Post) => boolean;
  deed: (world: World, me: Person, post: Post) => Deed;
}

const authorOf = ({ author }: Post): Person => author;

/** What can be done to a tweet, and to a comment just so. */
function aboutPost(kind: Kind, weight: number, { reasons = [], mine, rather, deed }: AboutPost): Move {
  return {
    weight,
    reasons: [MISSING[kind], ...reasons],
    deed: (world, me, { a, b }) => {
      const some = mostlyThere(world[kind], a + b).filter(
        (each) => b % 4 === 0 || !mine || mine(each) === me,
      );
      const rathers = rather && b % 3 > 0 ? some.filter(rather) : [];
      const post = pickLate(rathers.length > 0 ? rathers : some, a);
      return post ? { refusal: () => world.hides(me, post), ...deed(world, me, post) } : null;
    },
  };
}

const authorOnly = (world: World, me: Person, post: Post): ErrorReason | undefined =>
  world.hides(me, post) ?? (post.author === me ? undefined : "FORBIDDEN");

const like = (kind: Kind): Move =>
  aboutPost(kind, 8, {
    deed: (_, me, post) => ({
      call: () => me.caller[kind].like({ id: post.id }),
      apply: () => void post.likes.add(me),
      shows: (answer) => expect(answer).toMatchObject({ viewer: { liked: true }, counts: likesOf(post) }),
    }),
  });

const unlike = (kind: Kind): Move =>
  aboutPost(kind, 4, {
    deed: (_, me, post) => ({
      call: () => me.caller[kind].unlike({ id: post.id }),
      apply: () => void post.likes.delete(me),
      shows: (answer) => expect(answer).toMatchObject({ viewer: { liked: false }, counts: likesOf(post) }),
    }),
  });

const edit = (kind: Kind): Move =>
  aboutPost(kind, 3, {
    reasons: ["FORBIDDEN"],
    mine: authorOf,
    deed: (world, me, post) => {
      const content = world.text();
      return {
        call: () => me.caller[kind].update({ id: post.id, content }),
        refusal: () => authorOnly(world, me, post),
        apply: () => {
          post.content = content;
        },
      };
    },
  });

/** The last that stands under what is deleted, or the middle of a thread: what has places come and go. */
const bearsPlaces = ({ deleted, answers, children }: Post): boolean => {
  const under = children.filter((child) => !child.deleted);
  return !deleted && answers !== null && (under.length > 0 || answers.deleted);
};

const remove = (kind: Kind): Move =>
  aboutPost(kind, kind === "tweets" ? 2 : 12, {
    reasons: ["FORBIDDEN"],
    mine: authorOf,
    rather: bearsPlaces,
    deed: (world, me, post) => ({
      call: () => me.caller[kind].delete({ id: post.id }),
      refusal: () => authorOnly(world, me, post),
      apply: () => world.remove(post),
    }),
  });

/** What somebody shows to their followers is not to be shown to others. */
const retweetRefusal = (world: World, me: Person, tweet: Post): ErrorReason | undefined =>
  world.hides(me, tweet) ?? (tweet.author.protected && tweet.author !== me ? "FORBIDDEN" : undefined);

const retweet = (verb: "retweet" | "unretweet", weight: number): Move =>
  aboutPost("tweets", weight, {
    reasons: ["FORBIDDEN"],
    deed: (world, me, post) => ({
      call: () => me.caller.tweets[verb]({ id: post.id }),
      refusal: () => (verb === "retweet" ? retweetRefusal(world, me, post) : world.hides(me, post)),
      apply: () => world[verb](me, post),
      shows: (answer) =>
        expect(answer).toMatchObject({
          viewer: { retweeted: verb === "retweet" },
          counts: { retweets: world.retweetsOf(post) },
        }),
    }),
  });

const muteThread = (verb: "muteThread" | "unmuteThread"): Move => ({
  weight: 2,
  reasons: ["TWEET_NOT_FOUND"],
  deed: (world, me, { a, b }) => {
    const tweet = pickLate(mostlyThere(world.tweets, b), a);
    const key = `${me.id} ${tweet?.id}`;
    return (
      tweet && {
        call: () => me.caller.tweets[verb]({ id: tweet.id }),
        refusal: () => (verb === "muteThread" ? world.hides(me, tweet) : undefined),
        apply: () =>
          void (verb === "muteThread" ? world.threadMutes.add(key) : world.threadMutes.delete(key)),
      }
    );
  },
});

/** The tweet's author keeps a say over what is hidden. */
function hideRefusal(world: World, me: Person, comment: Post): ErrorReason | undefined {
  if (comment.tweet?.author !== me) return world.hides(me, comment) ?? "FORBIDDEN";
  return !comment.deleted && world.canSee(me, comment.author, "posts") ? undefined : "COMMENT_NOT_FOUND";
}

const hide = (verb: "hide" | "unhide", weight: number): Move =>
  aboutPost("comments", weight, {
    reasons: ["FORBIDDEN"],
    mine: ({ tweet }) => tweet?.author,
    deed: (world, me, comment) => ({
      call: () => me.caller.comments[verb]({ id: comment.id }),
      refusal: () => hideRefusal(world, me, comment),
      apply: () => {
        comment.hidden = verb === "hide";
      },
    }),
  });

function answer(world: World, me: Person, { a, b }: Choice): Deed | null {
  const tweet = pickLate(mostlyThere(world.tweets, a + b), a);
  if (!tweet) return null;
  const under = mostlyThere(world.comments, b).filter((comment) => comment.tweet === tweet);
  // Mostly the very last, so that threads become deep.
  const parent = b % 4 === 0 ? undefined : b % 4 === 1 ? pickLate(under, b) : under.at(-1);
  const content = world.text();
  return {
    call: () =>
      me.caller.comments.create({ tweetId: tweet.id, content, ...(parent && { parentId: parent.id }) }),
    refusal: () => world.hides(me, tweet) ?? (parent && world.hides(me, parent)),
    apply: ({ id }: Comment) => world.write({ id, author: me, content }, parent ?? tweet),
  };
}

export const readHome = (me: Person): Promise<FeedItem[]> =>
  allOf((cursor) => me.caller.timelines.home({ limit: 7, ...(cursor && { cursor }) }));

/** What a tweet shows to somebody: its text, what is counted, and what they did. */
export const sightOf = (world: World, me: Person, tweet: Post) => ({
  content: tweet.content,
  author: { id: tweet.author.id },
  counts: { ...likesOf(tweet), retweets: world.retweetsOf(tweet), comments: world.repliesOf(tweet) },
  viewer: { liked: tweet.likes.has(me), retweeted: world.hasRetweeted(me, tweet) },
  flags: world.mutesOf(me, tweet),
});

export const POSTS: Record<string, Move> = {
  tweet: {
    weight: 10,
    reasons: [],
    deed: (world, me) => {
      const content = world.text();
      return {
        call: () => me.caller.tweets.create({ content }),
        refusal: () => undefined,
        apply: ({ id }: Tweet) => world.write({ id, author: me, content }),
      };
    },
  },
  comment: { weight: 18, reasons: ["TWEET_NOT_FOUND", "COMMENT_NOT_FOUND"], deed: answer },
  likeTweet: like("tweets"),
  unlikeTweet: unlike("tweets"),
  likeComment: like("comments"),
  unlikeComment: unlike("comments"),
  editTweet: edit("tweets"),
  editComment: edit("comments"),
  deleteTweet: remove("tweets"),
  deleteComment: remove("comments"),
  retweet: retweet("retweet", 6),
  unretweet: retweet("unretweet", 3),
  muteThread: muteThread("muteThread"),
  unmuteThread: muteThread("unmuteThread"),
  hide: hide("hide", 4),
  unhide: hide("unhide", 2),
  lookAtTweet: aboutPost("tweets", 8, {
    deed: (world, me, tweet) => ({
      call: () => me.caller.tweets.get({ id: tweet.id }),
      shows: (shown: Tweet) => expect(shown).toMatchObject(sightOf(world, me, tweet)),
    }),
  }),
  lookAtComments: aboutPost("tweets", 6, {
    deed: (world, me, tweet) => ({
      call: () =>
        allOf((cursor) =>
          me.caller.comments.list({ tweetId: tweet.id, limit: 3, ...(cursor && { cursor }) }),
        ),
      shows: (nodes: CommentOrTombstone[]) =>
        expect(nodes.map((node) => ({ id: node.id, shown: !("unavailable" in node) }))).toEqual(
          world.placesUnder(me, tweet),
        ),
    }),
  }),
  lookAtHome: {
    weight: 12,
    reasons: [],
    deed: (world, me) => ({
      call: () => readHome(me),
      refusal: () => undefined,
      shows: (items: FeedItem[]) =>
        expect(items.map(({ tweet }) => tweet.id)).toEqual(world.homeOf(me).map(({ id }) => id)),
    }),
  },
};
