import { LIMITS } from "@warble/contracts";

/** What a reader has to know before the first call, in Markdown. */
export const INTRODUCTION = `
Clients in TypeScript use \`@warble/sdk\`, which does all of this by itself. What is said and told on the chat socket, and
the stream of notifications, are in [/asyncapi.json](/asyncapi.json), for people at [/docs/events](/docs/events).

**Calls.** Each procedure has a path, \`/trpc/<router>.<procedure>\`. What only reads is a GET with its input as JSON in
the query parameter \`input\`; what changes something is a POST with its input as the JSON body, and always with
\`content-type: application/json\`. A good answer is \`{ "result": { "data": ... } }\`, a refused one
\`{ "error": { "message", "data": { "reason", "requestId", ... } } }\`: switch on \`reason\`, \`message\` is for people.
Up to ${LIMITS.batch} calls of one kind travel in one request: their names with commas between, \`?batch=1\`, the inputs as
one object by index; answers come as a list, with status 207 when they differ.

**Signing in.** \`auth.login\` answers two tokens. Send the access token as \`authorization: Bearer ...\`; when a call is
refused with NOT_SIGNED_IN, exchange the refresh token, once, by \`auth.refresh\`, and call again.

**Data.** Ids are 24 hexadecimal digits and sort by time; times are ISO 8601 in UTC; what is absent is \`null\`. Lists
answer \`items\` and \`nextCursor\`: pass it back as \`cursor\` until it is \`null\`. Answers get new fields: pass over what you
do not know. Inputs with fields that are not known are refused.

**Limits.** A body holds ${LIMITS.body / 1024} KiB, headers 16 KiB (else 431, with reason TOO_LARGE). A tweet or comment weighs
${LIMITS.postWeight} at most, as twitter-text v3 counts, with ${LIMITS.mentionsPerPost} mentions and ${LIMITS.hashtagsPerPost} hashtags. How often each
procedure may be called stands with it and in the headers of its answers; who is refused with 429 or 503 waits as long
as \`retry-after\` says. A request that comes too slowly is refused with 408.
`.trim();

/** The routers. */
export const TAGS = {
  auth: "Accounts, signing in and out, sessions, second factors.",
  users: "Profiles, and what stands between people.",
  tweets: "Writing, changing and taking back; likes and retweets.",
  comments: "Answers to tweets, in threads.",
  timelines: "What to read.",
  search: "Finding people, tweets and hashtags; trends.",
  notifications: "What one is told.",
  chat: "Messages between two and in groups; the socket does the same, and tells of what is new.",
  moderation: "Reports, what moderators do about them, and appeals.",
};
