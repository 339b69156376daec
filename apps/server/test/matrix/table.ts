import { COLUMNS, type Column } from "./world";

/**
 * Who may do what to whose things. The columns are who asks, and about whom:
 *
 * - `AN` nobody; `UV` somebody whose address is not verified; `U` a stranger; `OW` the owner; `MO` a moderator; `AD` an
 *   administrator: each about somebody public;
 * - `B<` whom the owner blocks; `B>` who blocks the owner; `MU` who mutes them, `MR` their retweets, `MT` the thread of their
 *   tweet, `MW` their word (these four follow them);
 * - `F` a follower of somebody protected; `NF` a stranger to them;
 * - `>SU`, `>DA`, `>DE`, `>UV` a stranger about somebody who is suspended, has deactivated or deleted their account, or whose
 *   address is not verified; `A>SU` an administrator about somebody suspended.
 *
 * The cells are how it goes: `+` it is told, or done; `~` told with a flag; `n` they are named, and nothing that they wrote is;
 * `-` nothing of them; a number is the status of the refusal; `404!` is one that differs from that for what never was, because
 * the viewer is in the conversation; `.` is not asked; `...` is the same to the end. A token that is not good (any more) is refused with 401 in every row.
 *
 * Administrators take tweets and comments away by `moderation`, which writes it down, and not by `tweets.delete`.
 */
const TABLE = `
                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
auth.addPasskey                     401  403  400  ...
auth.beginPasskey                   401  403  +    ...
auth.beginPasskeyLogin              +    ...
auth.beginTotp                      401  403  +    ...
auth.changePassword                 401  ...
auth.confirmEmailChange             400  ...
auth.confirmPassword                401  ...
auth.disableTotp                    401  400  ...
auth.enableTotp                     401  403  400  ...
auth.login                          401  ...
auth.loginWithPasskey               400  ...
auth.logout                         401  +    ...
auth.logoutOthers                   401  +    ...
auth.me                             401  -    -    +    -    ...
auth.passkeys                       401  -    -    +    -    ...
auth.refresh                        401  ...
auth.register                       409  ...
auth.removePasskey                  401  404  404  +    404  ...
auth.renewRecoveryCodes             401  400  ...
auth.requestEmailChange             401  ...
auth.requestPasswordReset           +    ...
auth.resendVerification             401  +    400  ...
auth.resetPassword                  400  ...
auth.revokeSession                  401  404  404  +    404  ...
auth.sessions                       401  -    ...
auth.undoEmailChange                400  ...
auth.verifyEmail                    400  ...
auth.verifyPasswordResetCode        400  ...

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
users.acceptFollow                  401  403  +    400  404  409  +    +    +    +    +    +    +    +    404  404  404  404  +
users.block                         401  403  +    400  +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
users.blocked                       401  -    -    -    -    n    -    ...
users.deactivate                    401  +    +    +    +    +    +    +    +    +    +    +    409  +    +    +    +    +    409
users.deleteAccount                 401  ...
users.exports                       401  -    ...
users.follow                        401  403  +    400  404  409  +    +    +    +    +    +    +    +    404  404  404  404  +
users.followRequests                401  -    n    -    ...
users.followers                     -    -    -    -    404  -    -    -    -    -    -    404  -    -    404  404  404  404  -
users.followers of a friend         n    n    n    n    -    -    n    n    n    n    n    n    n    n    -    -    -    -    n
users.following                     -    -    -    -    404  -    -    -    -    -    -    404  -    -    404  404  404  404  -
users.following of a friend         n    n    n    n    -    -    n    n    n    n    n    n    n    n    -    -    -    -    n
users.get                           +    +    +    +    404  n    +    +    +    +    +    n    +    +    404  404  404  404  +
users.get by id                     +    +    +    +    404  n    +    +    +    +    +    n    +    +    404  404  404  404  +
users.mute                          401  403  +    400  +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
users.muteWord                      401  403  +    ...
users.muted                         401  -    -    -    -    -    n    n    -    -    -    -    -    -    -    -    -    -    -
users.mutedWords                    401  -    -    -    -    -    -    -    -    +    -    -    -    -    -    -    -    -    -
users.rejectFollow                  401  403  +    400  404  409  +    +    +    +    +    +    +    +    404  404  404  404  +
users.relationships                 401  n    n    n    -    n    n    n    n    n    n    n    n    n    -    -    -    -    n
users.removeFollower                401  403  +    400  404  409  +    +    +    +    +    +    +    +    404  404  404  404  +
users.requestExport                 401  +    ...
users.suggestions                   401  n    n    -    -    -    -    -    -    -    -    n    n    n    -    -    -    -    -
users.unblock                       401  403  +    400  +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
users.unfollow                      401  403  +    400  404  409  +    +    +    +    +    +    +    +    404  404  404  404  +
users.unmute                        401  403  +    400  +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
users.unmuteWord                    401  403  +    ...
users.update                        401  +    ...

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
tweets.create                       401  403  +    ...
tweets.delete                       401  403  403  +    404  404  403  403  403  403  403  404  403  403  404  404  404  404  403
tweets.get                          +    +    +    +    404  404  ~    +    ~    ~    +    404  +    +    404  404  404  404  +
tweets.get deleted                  404  ...
tweets.history                      +    +    +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
tweets.like                         401  403  +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
tweets.likers                       n    n    n    n    -    -    n    n    n    n    n    n    n    n    -    -    -    -    n
tweets.likers of theirs             -    -    -    -    404  404  -    -    -    -    -    404  -    -    404  404  404  404  -
tweets.muteThread                   401  403  +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
tweets.retweet                      401  403  +    +    404  404  +    +    +    +    403  404  +    +    404  404  404  404  +
tweets.retweeters                   n    n    n    n    -    -    n    n    n    n    n    n    n    n    -    -    -    -    n
tweets.unlike                       401  403  +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
tweets.unmuteThread                 401  403  +    ...
tweets.unretweet                    401  403  +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
tweets.update                       401  403  403  +    404  404  403  403  403  403  403  404  403  403  404  404  404  404  403

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
comments.create                     401  403  +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
comments.create below               401  403  +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
comments.delete                     401  403  403  +    404  404  403  403  403  403  403  404  403  403  404  404  404  404  403
comments.get                        +    +    +    +    404  404  ~    +    +    ~    +    404  +    +    404  404  404  404  +
comments.get across a block         404  404  404  +    404  ...
comments.get withheld               404  404  404  +    404  ...
comments.hide                       401  403  403  +    403  ...
comments.like                       401  403  +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
comments.list                       +    +    +    +    -    -    ~    +    +    ~    +    -    +    +    -    -    -    -    +
comments.list below                 -    -    -    -    404  404  -    -    -    -    -    404  -    -    404  404  404  404  -
comments.replies                    -    -    -    -    404  404  -    -    -    -    -    404  -    -    404  404  404  404  -
comments.thread                     +    +    +    +    404  404  ~    +    +    ~    +    404  +    +    404  404  404  404  +
comments.unhide                     401  403  403  +    403  ...
comments.unlike                     401  403  +    +    404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
comments.update                     401  403  403  +    404  404  403  403  403  403  403  404  403  403  404  404  404  404  403

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
timelines.hashtag                   +    +    +    +    -    -    -    +    -    -    +    -    +    +    -    -    -    -    -
timelines.home                      401  +    +    +    -    -    -    +    +    n    +    -    +    +    -    -    -    -    -
timelines.home by retweet           401  n    n    +    -    -    -    n    +    +    +    -    n    n    -    -    -    -    -
timelines.user                      +    +    +    +    404  -    ~    +    ~    ~    +    404  +    +    404  404  404  404  +
timelines.user likes                +    +    +    +    404  -    +    +    +    +    +    404  +    +    404  404  404  404  +
timelines.user of a friend          +    +    +    +    -    -    ~    +    ~    ~    +    -    +    +    -    -    -    -    +
timelines.user replies              +    +    +    +    404  -    ~    +    +    ~    +    404  +    +    404  404  404  404  +

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
search.hashtags                     +    +    +    +    -    -    -    +    +    +    +    -    +    +    -    -    -    -    -
search.suggest                      n    n    n    n    -    -    n    n    n    n    n    n    n    n    -    -    -    -    n
search.trends                       +    +    +    +    -    -    -    +    +    +    -    -    +    +    -    -    -    -    -
search.tweets                       +    +    +    +    -    -    -    +    +    -    +    -    +    +    -    -    -    -    -
search.tweets from                  +    +    +    +    -    -    -    +    +    -    +    -    +    +    -    -    -    -    -
search.users                        n    n    n    n    -    -    n    n    n    n    n    n    n    n    -    -    -    -    n

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
notifications.list                  401  n    n    -    -    -    -    n    n    n    n    n    n    n    -    -    -    -    -
notifications.list of mentions      401  +    +    -    -    -    -    +    +    n    +    n    +    +    -    -    -    -    -
notifications.markAllRead           401  +    ...
notifications.markRead              401  +    ...
notifications.stream                401  -    n    -    -    -    -    n    n    n    n    n    n    n    -    -    -    -    -
notifications.unreadCount           401  -    ...

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
chat.accept                         401  403  +    ...
chat.addMembers                     401  403  403  +    403  ...
chat.conversations                  401  403  +    +    +    +    +    +    +    +    +    +    +    +    -    -    -    -    +
chat.createGroup                    401  403  +    +    404  404  +    +    +    +    +    +    +    +    404  404  404  404  +
chat.delete                         401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat.delete for all                 401  403  403  +    403  403  403  403  403  403  403  403  403  403  404  404  404  404  403
chat.edit                           401  403  403  +    404! 409  403  403  403  403  403  403  403  403  404  404  404  404  403
chat.leave                          401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat.messages                       401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat.messages of a group            401  403  +    +    -    -    +    +    +    +    +    +    +    +    -    -    -    -    +
chat.messages of others             401  403  404  +    404  ...
chat.mute                           401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat.react                          401  403  +    +    404! 409  +    +    +    +    +    +    +    +    404  404  404  404  +
chat.removeMember                   401  403  403  400  403  ...
chat.rename                         401  403  403  +    403  ...
chat.requests                       401  403  +    .    -    -    -    -    -    -    -    +    +    +    -    -    -    -    +
chat.search                         401  403  +    +    +    +    +    +    +    +    +    +    +    +    -    -    -    -    +
chat.setRole                        401  403  403  400  403  ...
chat.start                          401  403  +    400  404  409  +    +    +    +    +    +    +    +    404  404  404  404  +
chat.unmute                         401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat.unreadCount                    401  403  -    ...

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
chat:accept                         401  403  +    ...
chat:addMembers                     401  403  403  +    403  ...
chat:conversations                  401  403  +    +    +    +    +    +    +    +    +    +    +    +    -    -    -    -    +
chat:createGroup                    401  403  +    +    404  404  +    +    +    +    +    +    +    +    404  404  404  404  +
chat:delete                         401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat:delivered                      401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat:edit                           401  403  403  +    404! 409  403  403  403  403  403  403  403  403  404  404  404  404  403
chat:history                        401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat:history of others              401  403  404  +    404  ...
chat:leave                          401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat:mute                           401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat:presence                       401  403  n    -    -    -    n    n    n    n    n    n    n    n    -    -    -    -    -
chat:react                          401  403  +    +    404! 409  +    +    +    +    +    +    +    +    404  404  404  404  +
chat:read                           401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat:removeMember                   401  403  403  400  403  ...
chat:rename                         401  403  403  +    403  ...
chat:renew                          401  400  ...
chat:requests                       401  403  +    .    -    -    -    -    -    -    -    +    +    +    -    -    -    -    +
chat:resume                         401  403  +    +    +    +    +    +    +    +    +    +    +    +    -    -    -    -    +
chat:search                         401  403  +    +    +    +    +    +    +    +    +    +    +    +    -    -    -    -    +
chat:send                           401  403  +    +    404! 409  +    +    +    +    +    +    +    +    404  404  404  404  +
chat:send to                        401  403  +    400  404  409  +    +    +    +    +    +    +    +    404  404  404  404  +
chat:send to others                 401  403  404  +    404  ...
chat:setRole                        401  403  403  400  403  ...
chat:typing                         401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
chat:unmute                         401  403  +    +    +    +    +    +    +    +    +    +    +    +    404  404  404  404  +

                                    AN   UV   U    OW   B<   B>   MU   MR   MT   MW   F    NF   AD   MO   >SU  >DA  >DE  >UV  A>SU
moderation.addFilter                401  403  403  403  403  403  403  403  403  403  403  403  +    403  403  403  403  403  +
moderation.appeal                   401  404  404  +    404  ...
moderation.appeals                  401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.assign                   401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.audit                    401  403  403  403  403  403  403  403  403  403  403  403  -    403  403  403  403  403  -
moderation.decideAppeal             401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.endSessions              401  403  403  403  403  403  403  403  403  403  403  403  +    403  403  403  403  403  +
moderation.filters                  401  403  403  403  403  403  403  403  403  403  403  403  -    403  403  403  403  403  -
moderation.getReport                401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.note                     401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.removeComment            401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.removeFilter             401  403  403  403  403  403  403  403  403  403  403  403  +    403  403  403  403  403  +
moderation.removeTweet              401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.reopen                   401  403  403  403  403  403  403  403  403  403  403  403  409  409  403  403  403  403  409
moderation.report                   401  403  +    400  +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
moderation.report a comment         401  403  +    400  404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
moderation.report a message         401  403  +    400  +    +    +    +    +    +    +    +    +    +    404  404  404  404  +
moderation.report a tweet           401  403  +    400  404  404  +    +    +    +    +    404  +    +    404  404  404  404  +
moderation.reports                  401  403  403  403  403  403  403  403  403  403  403  403  n    n    403  403  403  403  n
moderation.resolve                  401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.restoreComment           401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.restoreTweet             401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.revokeStrike             401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.setRole                  401  403  403  403  403  403  403  403  403  403  403  403  +    403  403  403  403  403  +
moderation.strikes                  401  -    -    +    -    ...
moderation.strikesOf                401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.suspend                  401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.unsuspend                401  403  403  403  403  403  403  403  403  403  403  403  +    +    403  403  403  403  +
moderation.users                    401  403  403  403  403  403  403  403  403  403  403  403  n    n    403  403  403  403  n
`;

const LINE = /^(\S.*?)\s{2,}(\S.*)$/;

/** What each row answers in each column. */
export const ROWS: ReadonlyMap<string, Record<Column, string>> = readTable(
  TABLE,
  Object.keys(COLUMNS) as Column[],
);

/** The rows of a table with these columns, each by its name. */
export function readTable<C extends string>(table: string, columns: C[]): Map<string, Record<C, string>> {
  const lines = table.split("\n").flatMap((line) => {
    const [, row = "", cells = ""] = LINE.exec(line) ?? [];
    return row ? [[row, cells.split(/\s+/)] as const] : [];
  });
  return new Map(lines.map(([row, cells]) => [row, named(cells, columns)]));
}

function named<C extends string>(written: string[], columns: C[]): Record<C, string> {
  const end = written.indexOf("...");
  const cells = end < 1 ? written : columns.map((_, index) => written[Math.min(index, end - 1)] ?? "");
  if (cells.length !== columns.length) throw new Error(`a row has ${cells.length} cells: ${cells.join(" ")}`);
  return Object.fromEntries(columns.map((column, index) => [column, cells[index]])) as Record<C, string>;
}
