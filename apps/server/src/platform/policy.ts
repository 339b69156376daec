import type { LimitName } from "@warble/contracts";

/** So many points in so many seconds; counted by signed-in user, or by network when nobody is. */
export interface Window {
  points: number;
  seconds: number;
  /** Counts by network even when somebody is signed in. */
  byNetwork?: boolean;
}

/** How often one name's password may be guessed wrong. Times are in seconds. */
export interface GuessPolicy {
  /** So many without a wait; from then on each wait is twice as long as the one before. */
  free: number;
  longestWait: number;
  /** After so long without a guess the waits begin anew. */
  quiet: number;
  /** So many without a right one in between, then none until the password is reset. */
  stop: number;
}

/** Who may hold connections, and for how long. Times are in seconds. */
interface ConnectionPolicy {
  total: number;
  /** By network; trusted proxies may have any number. */
  perNetwork: number;
  /** By network: sockets that have not said yet whose they are. */
  unjoined: number;
  headersWithin: number;
  /** The whole request, body included. */
  requestWithin: number;
  /** Nothing comes and nothing goes: longer than the time between two pings of a stream. */
  idle: number;
}

/** What is kept ready for whoever looks at home. */
interface InboxPolicy {
  /** Entries; what is older is read from timelines. */
  size: number;
  /** Nothing is kept for who has not looked for so many seconds. */
  awayAfter: number;
  /** Whoever has more followers is not delivered to each, but read by each. */
  followersMost: number;
}

/** The numbers of security.md: what a server allows, in one place. */
export interface Policy {
  /** Seconds. */
  accessTtl: number;
  refreshTtl: number;
  /** For how long the last refresh token still answers with the same successor. */
  refreshGrace: number;
  sessionsPerUser: number;
  /** For how long a password that was given counts as just given: what is dangerous needs one. */
  freshFor: number;
  verificationTtl: number;
  /** For how long a changed address may be put back by whoever reads the old one. */
  undoTtl: number;
  /** How long an account may go without a verified address before it is removed. */
  unverifiedKeptFor: number;
  /** After an account was closed, whatever its user had under way has ended so many seconds later. */
  closedSettlesIn: number;
  /** One file of one's data in so many seconds; if it is not made within them, it never is. */
  exportEvery: number;
  exportKeptFor: number;
  resetCodeTtl: number;
  resetTicketTtl: number;
  resetAttempts: number;
  guesses: GuessPolicy;
  /** For how long the secret of an authenticator app waits for its first code. */
  totpPendingTtl: number;
  /** For how long a passkey's challenge waits for its answer. */
  challengeTtl: number;
  passkeysPerUser: number;
  /**
   * So many wrong passwords at whichever names and from wherever, over all nodes; then only devices that have been
   * signed in before are listened to, until the window ends.
   */
  wrongPasswords: Window;
  /** For how long a strike may be appealed against. */
  appealTtl: number;
  /** After so many seconds what trends is worked out anew, if somebody asks. */
  trendsKeptFor: number;
  /** For so many seconds after it was sent, a message may be edited. */
  messageEditing: number;
  /** Of messages that follow each other sooner than so many seconds, all but the first are told of together. */
  messageNotices: number;
  /**
   * For so many seconds who has gone is not said to be, so that a reconnect is not seen; and for so many what a node
   * that has died held still counts.
   */
  presence: { grace: number; keptFor: number };
  inbox: InboxPolicy;
  /** After so many seconds a call is answered with UNAVAILABLE, whatever it still waits for. */
  deadline: number;
  connections: ConnectionPolicy;
  general: { user: Window; anonymous: Window };
  limits: Record<LimitName, Window[]>;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DEFAULT_POLICY: Policy = {
  accessTtl: 10 * MINUTE,
  refreshTtl: 30 * DAY,
  refreshGrace: 10,
  sessionsPerUser: 20,
  freshFor: 5 * MINUTE,
  verificationTtl: DAY,
  undoTtl: 7 * DAY,
  unverifiedKeptFor: 7 * DAY,
  // A call is answered in five seconds, a transaction ends within a minute, and a job's lease is one.
  closedSettlesIn: 3 * MINUTE,
  exportEvery: DAY,
  exportKeptFor: 7 * DAY,
  resetCodeTtl: 10 * MINUTE,
  resetTicketTtl: 10 * MINUTE,
  resetAttempts: 5,
  // An account has two names, username and address: together they may be guessed at a hundred times.
  guesses: { free: 10, longestWait: 15 * MINUTE, quiet: 15 * MINUTE, stop: 50 },
  totpPendingTtl: 10 * MINUTE,
  challengeTtl: 5 * MINUTE,
  passkeysPerUser: 20,
  wrongPasswords: { points: 1_000, seconds: 5 * MINUTE },
  appealTtl: 30 * DAY,
  trendsKeptFor: 10,
  messageEditing: DAY,
  messageNotices: 1,
  presence: { grace: 10, keptFor: 15 },
  inbox: { size: 400, awayAfter: 14 * DAY, followersMost: 100_000 },
  deadline: 5,
  connections: {
    total: 20_000,
    perNetwork: 100,
    unjoined: 20,
    headersWithin: 10,
    requestWithin: 15,
    idle: 20,
  },
  general: {
    user: { points: 1500, seconds: 5 * MINUTE },
    anonymous: { points: 300, seconds: 5 * MINUTE, byNetwork: true },
  },
  limits: {
    login: [{ points: 30, seconds: 5 * MINUTE, byNetwork: true }],
    register: [{ points: 5, seconds: 30 * MINUTE, byNetwork: true }],
    mail: [{ points: 25, seconds: 5 * MINUTE, byNetwork: true }],
    guess: [{ points: 25, seconds: 5 * MINUTE, byNetwork: true }],
    tweet: [
      { points: 300, seconds: 3 * HOUR },
      { points: 2400, seconds: DAY },
    ],
    comment: [
      { points: 300, seconds: 3 * HOUR },
      { points: 2400, seconds: DAY },
    ],
    follow: [{ points: 400, seconds: DAY }],
    delete: [{ points: 30, seconds: 30 * MINUTE }],
    search: [{ points: 30, seconds: MINUTE }],
    message: [{ points: 20, seconds: 40 }],
    // Conversations that are begun with strangers.
    request: [{ points: 50, seconds: DAY }],
    group: [{ points: 30, seconds: DAY }],
    // Of people who are added to groups; who does not follow the one who adds counts as a request, too.
    member: [{ points: 500, seconds: DAY }],
    typing: [{ points: 30, seconds: MINUTE }],
    presence: [{ points: 30, seconds: MINUTE }],
    socket: [{ points: 60, seconds: 10 }],
    report: [
      { points: 30, seconds: HOUR },
      { points: 100, seconds: DAY },
    ],
    appeal: [{ points: 20, seconds: HOUR, byNetwork: true }],
  },
};
