/** The numbers of the product that clients may rely on: forms show them, the server enforces them. */
export const LIMITS = {
  /** Weighted length of a tweet or comment, as twitter-text v3 counts. */
  postWeight: 280,
  /** UTF-8 bytes of a tweet or comment, so that combining marks cannot inflate it. */
  postBytes: 1120,
  mentionsPerPost: 10,
  hashtagsPerPost: 10,
  usernameMin: 3,
  usernameMax: 15,
  displayName: 50,
  bio: 160,
  location: 30,
  website: 100,
  /** Code points. */
  passwordMin: 12,
  passwordMax: 256,
  /** Code points of a direct message. */
  message: 1000,
  messageBytes: 4096,
  /** Members of a group conversation. */
  groupMembers: 100,
  /** Code points of a group's title. */
  groupTitle: 80,
  /** Different emoji on one message. */
  reactionsPerMessage: 20,
  /** Code points that are shown of a message with its answers. */
  quotedMessage: 100,
  /** Code points of a word or phrase that is muted. */
  mutedWord: 50,
  /** Words that one user mutes. */
  mutedWords: 100,
  /** Threads that one user mutes. */
  mutedThreads: 1000,
  searchQuery: 64,
  /** Code points of what is said with a report. */
  reportNote: 1000,
  /** Code points of what a user is told of why something was done to them. */
  moderationReason: 500,
  /** Code points of what moderators note for each other. */
  moderationNote: 1000,
  /** Code points of an appeal. */
  appeal: 1000,
  /** Code points of a filtered word. */
  filter: 100,
  /** Filters of the operator: each node reads all of them every second. */
  filters: 2000,
  pageDefault: 20,
  pageMax: 100,
  cursor: 256,
  /** Ids in one batch look-up. */
  idsPerLookup: 100,
  /** How deep a thread answers in one read. */
  threadDepth: 5,
  /** Replies shown under each comment before a cursor continues the branch. */
  threadBreadth: 3,
  /** Procedure calls in one HTTP request. */
  batch: 10,
  /** Bytes of one HTTP body. */
  body: 64 * 1024,
  /** Characters of an idempotency key. */
  idempotencyKey: 255,
  /** Bytes of one socket frame. */
  frame: 16 * 1024,
} as const;
