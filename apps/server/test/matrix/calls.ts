import { randomUUID } from "node:crypto";
import { FRIEND, type Place } from "./world";

/** How a row asks: with what of the owner's. */
export interface Call {
  /** Undefined is a call without input. */
  input: (at: Place, fresh: Fresh) => object | undefined | Promise<object>;
  /** What tells of the owner beside their word and their id. */
  word?: (at: Place) => string;
}

/** New things of the owner's, for calls that use them up. */
export interface Fresh {
  tweet: () => Promise<string>;
  comment: () => Promise<string>;
  /** Somebody else's comment below theirs, not hidden. */
  below: () => Promise<string>;
  /** That a moderator has taken down. */
  takenDown: (kind: "tweet" | "comment") => Promise<string>;
  /** On something that they wrote. */
  report: () => Promise<string>;
  strike: (appealed: boolean) => Promise<string>;
}

const nothing: Call = { input: () => undefined };
const page: Call = { input: () => ({}) };
const user: Call = { input: ({ owner }) => ({ id: owner.id }) };
const byName: Call = { input: ({ owner }) => ({ username: owner.name }) };
const tweet: Call = { input: ({ owner }) => ({ id: owner.tweet }) };
const comment: Call = { input: ({ owner }) => ({ id: owner.comment }) };
const theirs: Call = { input: ({ conversation: conversationId }) => ({ conversationId }) };
const others: Call = { input: ({ owner }) => ({ conversationId: owner.conversation }) };
const inGroup = (more: (at: Place) => object = () => ({})): Call => ({
  input: (at) => ({ conversationId: at.owner.group, ...more(at) }),
});
const onMessage = (more: object): Call => ({ input: ({ message }) => ({ messageId: message, ...more }) });

/** What no authenticator has made. */
const NONE = "x".repeat(43);
const CREDENTIAL = { id: "x", rawId: "x", type: "public-key", clientExtensionResults: {} };
const PROOF = {
  challengeId: NONE,
  response: { ...CREDENTIAL, response: { clientDataJSON: "x", authenticatorData: "x", signature: "x" } },
};

const chat: Record<string, Call> = {
  "chat.accept": inGroup(),
  "chat.addMembers": inGroup(({ owner }) => ({ userIds: [owner.id] })),
  "chat.conversations": page,
  "chat.createGroup": { input: ({ owner }) => ({ title: "New", userIds: [owner.id] }) },
  "chat.delete": onMessage({ for: "me" }),
  "chat.delete for all": onMessage({ for: "all" }),
  "chat.edit": onMessage({ content: "changed" }),
  "chat.leave": theirs,
  "chat.messages": theirs,
  "chat.messages of others": others,
  "chat.messages of a group": inGroup(),
  "chat.mute": theirs,
  "chat.react": onMessage({ emoji: "\u{1F426}" }),
  "chat.removeMember": inGroup(({ owner }) => ({ userId: owner.id })),
  "chat.rename": inGroup(() => ({ title: "Changed" })),
  "chat.requests": page,
  "chat.search": { input: ({ owner }) => ({ query: owner.word }) },
  "chat.setRole": inGroup(({ owner }) => ({ userId: owner.id, role: "admin" })),
  "chat.start": { input: ({ owner }) => ({ userId: owner.id }) },
  "chat.unmute": theirs,
  "chat.unreadCount": nothing,
};

/** The names by which the socket knows what procedures do, too. */
const ON_SOCKET: Record<string, string> = {
  "chat:accept": "chat.accept",
  "chat:addMembers": "chat.addMembers",
  "chat:conversations": "chat.conversations",
  "chat:createGroup": "chat.createGroup",
  "chat:delete": "chat.delete",
  "chat:edit": "chat.edit",
  "chat:history": "chat.messages",
  "chat:history of others": "chat.messages of others",
  "chat:leave": "chat.leave",
  "chat:mute": "chat.mute",
  "chat:react": "chat.react",
  "chat:removeMember": "chat.removeMember",
  "chat:rename": "chat.rename",
  "chat:requests": "chat.requests",
  "chat:search": "chat.search",
  "chat:setRole": "chat.setRole",
  "chat:unmute": "chat.unmute",
};

const reporting = (targetType: string, idOf: (at: Place) => string): Call => ({
  input: (at) => ({ targetType, targetId: idOf(at), reason: "spam" }),
});

/** How every procedure and socket event is asked; after a space, what of it. */
export const CALLS: Record<string, Call> = {
  ...chat,
  ...Object.fromEntries(Object.entries(ON_SOCKET).map(([event, path]) => [event, chat[path] ?? page])),
  "chat:delivered": { input: ({ conversation }) => ({ conversationId: conversation, number: 1 }) },
  "chat:presence": { input: ({ owner }) => ({ userIds: [owner.id] }) },
  "chat:read": { input: ({ conversation }) => ({ conversationId: conversation, number: 1 }) },
  "chat:renew": { input: () => ({ token: "none of mine" }) },
  "chat:resume": { input: () => ({ lastEvent: 0 }) },
  "chat:send": {
    input: ({ conversation }) => ({ clientId: randomUUID(), conversationId: conversation, content: "hello" }),
  },
  "chat:send to": { input: ({ owner }) => ({ clientId: randomUUID(), to: owner.id, content: "hello" }) },
  "chat:send to others": {
    input: ({ owner }) => ({ clientId: randomUUID(), conversationId: owner.conversation, content: "hello" }),
  },
  "chat:typing": theirs,

  "auth.addPasskey": {
    input: () => ({
      challengeId: NONE,
      name: "Phone",
      response: { ...CREDENTIAL, response: { clientDataJSON: "x", attestationObject: "x" } },
    }),
  },
  "auth.beginPasskey": nothing,
  "auth.beginPasskeyLogin": nothing,
  "auth.beginTotp": nothing,
  "auth.confirmEmailChange": { input: () => ({ token: "none" }) },
  "auth.disableTotp": { input: () => ({ code: "123456" }) },
  "auth.enableTotp": { input: () => ({ code: "123456" }) },
  "auth.loginWithPasskey": { input: () => PROOF },
  "auth.passkeys": page,
  "auth.removePasskey": { input: ({ owner }) => ({ id: owner.passkey }) },
  "auth.renewRecoveryCodes": { input: () => ({ code: "123456" }) },
  "auth.requestEmailChange": { input: () => ({ email: "other@example.com", password: "wrong as can be" }) },
  "auth.undoEmailChange": { input: () => ({ token: "none" }) },
  "auth.changePassword": {
    input: () => ({ currentPassword: "wrong as can be", password: "swans glide by moonlight" }),
  },
  "auth.confirmPassword": { input: () => ({ password: "wrong as can be" }) },
  "auth.login": { input: ({ owner }) => ({ identifier: owner.name, password: "wrong as can be" }) },
  "auth.logout": nothing,
  "auth.logoutOthers": nothing,
  "auth.me": nothing,
  "auth.refresh": { input: () => ({ refreshToken: "none" }) },
  "auth.register": {
    input: ({ owner }) => ({
      username: owner.name,
      email: "new@example.com",
      password: "swans glide by moonlight",
    }),
  },
  "auth.requestPasswordReset": { input: ({ owner }) => ({ email: `${owner.name}@example.com` }) },
  "auth.resendVerification": nothing,
  "auth.resetPassword": { input: () => ({ ticket: "none", password: "swans glide by moonlight" }) },
  "auth.revokeSession": { input: ({ owner }) => ({ id: owner.session }) },
  "auth.sessions": page,
  "auth.verifyEmail": { input: () => ({ token: "none" }) },
  "auth.verifyPasswordResetCode": {
    input: ({ owner }) => ({ email: `${owner.name}@example.com`, code: "000000" }),
  },

  "comments.create": { input: ({ owner }) => ({ tweetId: owner.tweet, content: "hello" }) },
  "comments.create below": {
    input: (at) => ({ tweetId: at.common, parentId: at.owner.comment, content: "hello" }),
  },
  "comments.delete": { input: async (_at, fresh) => ({ id: await fresh.comment() }) },
  "comments.get": comment,
  "comments.get across a block": { input: ({ owner }) => ({ id: owner.across }) },
  "comments.get withheld": { input: ({ owner }) => ({ id: owner.withheld }) },
  "comments.hide": { input: async (_at, fresh) => ({ id: await fresh.below() }) },
  "comments.like": comment,
  "comments.list": { input: ({ common }) => ({ tweetId: common }) },
  "comments.list below": { input: ({ owner }) => ({ tweetId: owner.tweet }) },
  "comments.replies": comment,
  "comments.thread": comment,
  "comments.unhide": { input: async (_at, fresh) => ({ id: await fresh.below() }) },
  "comments.unlike": comment,
  "comments.update": {
    input: ({ owner }) => ({ id: owner.comment, content: `${owner.word} ${randomUUID()}` }),
  },

  "moderation.addFilter": {
    input: () => ({ kind: "word", value: "nothing in particular", action: "flag" }),
  },
  "moderation.appeal": {
    input: async (_at, fresh) => ({ strikeId: await fresh.strike(false), text: "no" }),
  },
  "moderation.appeals": { input: () => ({ limit: 100 }) },
  "moderation.assign": { input: async (_at, fresh) => ({ reportId: await fresh.report() }) },
  "moderation.audit": page,
  "moderation.decideAppeal": {
    input: async (_at, fresh) => ({ id: await fresh.strike(true), uphold: true }),
  },
  "moderation.endSessions": { input: ({ owner }) => ({ userId: owner.id }) },
  "moderation.filters": page,
  "moderation.getReport": { input: ({ owner }) => ({ reportId: owner.report }) },
  "moderation.note": { input: async (_at, fresh) => ({ reportId: await fresh.report(), text: "hm" }) },
  "moderation.removeFilter": { input: ({ owner }) => ({ id: owner.id }) },
  "moderation.reopen": { input: async (_at, fresh) => ({ reportId: await fresh.report() }) },
  "moderation.report": reporting("user", ({ owner }) => owner.id),
  "moderation.report a comment": reporting("comment", ({ owner }) => owner.comment),
  "moderation.report a message": reporting("message", ({ message }) => message),
  "moderation.report a tweet": reporting("tweet", ({ owner }) => owner.tweet),
  "moderation.reports": { input: () => ({ limit: 100 }) },
  "moderation.resolve": {
    input: async (_at, fresh) => ({ reportId: await fresh.report(), action: "warn", reason: "spam" }),
  },
  "moderation.restoreComment": {
    input: async (_at, fresh) => ({ id: await fresh.takenDown("comment") }),
  },
  "moderation.restoreTweet": { input: async (_at, fresh) => ({ id: await fresh.takenDown("tweet") }) },
  "moderation.revokeStrike": {
    input: async (_at, fresh) => ({ strikeId: await fresh.strike(false) }),
  },
  "moderation.strikes": page,
  "moderation.strikesOf": { input: ({ owner }) => ({ userId: owner.id }) },
  "moderation.users": { input: ({ owner }) => ({ query: owner.name }) },
  "moderation.removeComment": { input: async (_at, fresh) => ({ id: await fresh.comment() }) },
  "moderation.removeTweet": { input: async (_at, fresh) => ({ id: await fresh.tweet() }) },
  "moderation.setRole": { input: ({ owner }) => ({ userId: owner.id, role: "user" }) },
  "moderation.suspend": { input: ({ owner }) => ({ userId: owner.id, reason: "spam" }) },
  "moderation.unsuspend": { input: ({ owner }) => ({ userId: owner.id }) },

  "notifications.list": page,
  "notifications.list of mentions": { input: () => ({}), word: ({ mention }) => mention },
  "notifications.markAllRead": nothing,
  "notifications.markRead": { input: ({ owner }) => ({ upTo: owner.tweet }) },
  "notifications.stream": { input: () => ({ lastEventId: "0" }) },
  "notifications.unreadCount": nothing,

  "search.hashtags": { input: ({ owner }) => ({ query: owner.word }) },
  "search.suggest": { input: ({ owner }) => ({ query: owner.name }) },
  "search.trends": page,
  "search.tweets": { input: ({ owner }) => ({ query: owner.word }) },
  "search.tweets from": { input: ({ owner }) => ({ query: "", from: owner.name }) },
  "search.users": { input: ({ owner }) => ({ query: owner.name }) },

  "timelines.hashtag": { input: ({ owner }) => ({ tag: `${owner.word}tag` }) },
  "timelines.home": { input: () => ({ limit: 100 }) },
  "timelines.home by retweet": { input: () => ({ limit: 100 }), word: ({ owner }) => owner.far },
  "timelines.user": byName,
  "timelines.user replies": { input: ({ owner }) => ({ username: owner.name, filter: "replies" }) },
  "timelines.user likes": {
    input: ({ owner }) => ({ username: owner.name, filter: "likes" }),
    word: () => "come in",
  },
  "timelines.user of a friend": { input: () => ({ username: FRIEND }) },

  "tweets.create": { input: ({ owner }) => ({ content: `hello @${owner.name}` }) },
  "tweets.delete": { input: async (_at, fresh) => ({ id: await fresh.tweet() }) },
  "tweets.get": tweet,
  "tweets.get deleted": { input: ({ owner }) => ({ id: owner.deleted }) },
  "tweets.history": tweet,
  "tweets.like": tweet,
  "tweets.likers": { input: (at) => ({ id: at.common }) },
  "tweets.likers of theirs": tweet,
  "tweets.muteThread": tweet,
  "tweets.retweet": tweet,
  "tweets.retweeters": { input: (at) => ({ id: at.common }) },
  "tweets.unlike": tweet,
  "tweets.unmuteThread": tweet,
  "tweets.unretweet": tweet,
  "tweets.update": {
    input: ({ owner }) => ({ id: owner.tweet, content: `${owner.word} #${owner.word}tag ${randomUUID()}` }),
  },

  "users.acceptFollow": user,
  "users.block": user,
  "users.blocked": page,
  "users.follow": user,
  "users.followRequests": page,
  "users.followers": byName,
  "users.followers of a friend": { input: () => ({ username: FRIEND }) },
  "users.following": byName,
  "users.following of a friend": { input: () => ({ username: FRIEND }) },
  "users.get": byName,
  "users.get by id": user,
  "users.mute": user,
  "users.muteWord": { input: () => ({ word: "nothing in particular" }) },
  "users.muted": page,
  "users.mutedWords": page,
  "users.rejectFollow": user,
  "users.relationships": { input: ({ owner }) => ({ ids: [owner.id] }) },
  "users.removeFollower": user,
  "users.suggestions": { input: () => ({ limit: 100 }) },
  "users.unblock": user,
  "users.unfollow": user,
  "users.unmute": user,
  "users.unmuteWord": user,
  "users.deactivate": nothing,
  "users.deleteAccount": { input: () => ({ password: "wrong as can be" }) },
  "users.exports": page,
  "users.requestExport": nothing,
  "users.update": { input: () => ({ location: "here" }) },
};
