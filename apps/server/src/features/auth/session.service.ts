import { type Done, Id, type Page, type PageInput, type Session, type Tokens } from "@warble/contracts";
import { z } from "zod";
import { now, nowMs } from "../../platform/clock";
import type { App, Bearer, Context, Viewer, ViewerContext } from "../../platform/context";
import { deviceOf } from "../../platform/device";
import { WarbleError } from "../../platform/error";
import { newId, type ObjectId, oid } from "../../platform/id";
import { afterCommit, transaction } from "../../platform/mongo";
import { decodeCursor, encodeCursor, fillPage } from "../../platform/page";
import { networkOf } from "../../platform/rate-limit";
import { randomSecret } from "../../platform/token";
import { findUser, type UserRecord } from "../users/user.service";
import { mayEnter } from "../visibility/visibility.service";
import { mailTo, requireHolder, stopSigningIn } from "./account.service";
import { showSessionEnded } from "./auth-mail.view";
import { SessionModel, type SessionRecord, sessionMemory } from "./session.model";
import { showSessions } from "./session.view";
import { tellOfNewDevice } from "./sign-in-notice.service";

const TOUCH_MS = 60_000;

const alive = () => ({ revokedAt: null, expiresAt: { $gt: now() } });
const isAlive = ({ revokedAt, expiresAt }: Pick<SessionRecord, "revokedAt" | "expiresAt">): boolean =>
  revokedAt === null && expiresAt > now();

/** Who an access token stands for, if its session and its user still may. */
export async function authenticate(app: App, accessToken: string): Promise<Bearer | null> {
  const claims = await app.tokens.readAccess(accessToken, app.config.policy.accessTtl);
  const viewer = claims && (await holder(claims.userId, claims.sessionId));
  return viewer && { viewer, expiresAt: claims.expiresAt };
}

/** Whether a viewer's session still holds, with the role and rights of this moment. */
export const recheck = ({ id, sessionId }: Pick<Viewer, "id" | "sessionId">): Promise<Viewer | null> =>
  holder(id, sessionId);

async function holder(userId: string, sessionId: string): Promise<Viewer | null> {
  const [[session], user] = await Promise.all([sessionMemory.findAll([sessionId]), findUser({ id: userId })]);
  if (!session?.userId.equals(userId) || !isAlive(session) || !user || !mayEnter(user)) return null;
  if (nowMs() - session.lastUsedAt.getTime() > TOUCH_MS) {
    await SessionModel.updateOne({ _id: session._id }, { lastUsedAt: now() });
  }
  const { username, role, emailVerified } = user;
  return { id: userId, sessionId, username, role, emailVerified };
}

/**
 * Opens a session for a user who has just proved who they are; the oldest goes when there are too many. Runs in
 * a transaction that writes to the user's account, so that two at once do not both count the same sessions. Where
 * the device is new, the user is told by mail.
 */
export async function openSession(ctx: Context, user: UserRecord, device = ""): Promise<Tokens> {
  const { refreshTtl, sessionsPerUser } = ctx.config.policy;
  const at = now();
  await tellOfNewDevice(ctx, user);
  const [session] = await SessionModel.insertMany([
    {
      _id: newId(),
      userId: user._id,
      device: device.trim() || deviceOf(ctx.userAgent) || ctx.userAgent.slice(0, 100),
      network: networkOf(ctx.ip),
      userAgent: ctx.userAgent,
      createdAt: at,
      lastUsedAt: at,
      expiresAt: new Date(at.getTime() + refreshTtl * 1000),
      authenticatedAt: at,
      seed: randomSecret(),
      rotatedAt: at,
    },
  ]);
  if (!session) throw new Error("the session was not stored");
  const surplus = await SessionModel.find({ userId: user._id, ...alive() }, { _id: 1 })
    .sort({ lastUsedAt: -1, _id: -1 })
    .skip(sessionsPerUser)
    .lean();
  for (const { _id } of surplus) await endSession(ctx, user._id, String(_id));
  return tokensOf(ctx, session.toObject());
}

/** The name of the calling device, if the user has signed in from it before. */
export async function knownDevice(
  { ip, userAgent }: Pick<Context, "ip" | "userAgent">,
  userId: ObjectId,
): Promise<string | null> {
  const network = networkOf(ip);
  const known = await SessionModel.exists({ userId, network, userAgent });
  return known && `device ${userId} ${network} ${userAgent}`;
}

/**
 * Exchanges a refresh token for the next pair. The same token again within the grace gets the same successor, so
 * a lost answer or a second tab signs nobody out; any older one means that it was stolen, and ends the session.
 * @throws WarbleError NOT_SIGNED_IN
 */
export async function refreshSession(ctx: Context, refreshToken: string): Promise<Tokens> {
  const { sessionId, generation, secret } = parseRefreshToken(refreshToken);
  const session = await SessionModel.findOne({ _id: oid(sessionId), ...alive() }).lean();
  if (!session || !ctx.tokens.isRefreshToken(seedOf(session), generation, secret)) {
    throw new WarbleError("NOT_SIGNED_IN");
  }
  const user = await findUser({ id: String(session.userId) });
  if (!user || !mayEnter(user)) throw new WarbleError("NOT_SIGNED_IN");
  const at = now();
  const next = await SessionModel.findOneAndUpdate(
    { _id: session._id, generation, ...alive() },
    { $inc: { generation: 1 }, $set: { rotatedAt: at, lastUsedAt: at, network: networkOf(ctx.ip) } },
    { returnDocument: "after" },
  ).lean();
  return tokensOf(ctx, next ?? (await repeated(ctx, sessionId, generation)));
}

/** The session of a refresh token that has been used: still good for a moment, then a sign of theft. */
async function repeated(app: App, sessionId: string, generation: number): Promise<SessionRecord> {
  const session = await SessionModel.findOne({ _id: oid(sessionId), ...alive() }).lean();
  if (!session) throw new WarbleError("NOT_SIGNED_IN");
  const age = nowMs() - session.rotatedAt.getTime();
  if (session.generation === generation + 1 && age <= app.config.policy.refreshGrace * 1000) return session;
  await transaction(async () => {
    if (!(await endSession(app, session.userId, sessionId))) return;
    const holder = await requireHolder(session.userId);
    await mailTo(app, holder, showSessionEnded(holder.user.username, session.device));
  });
  throw new WarbleError("NOT_SIGNED_IN", {
    message: "This session was ended because its token was used twice.",
  });
}

const SessionCursor = z.strictObject({ at: z.int(), id: Id });

/** The devices that the viewer is signed in on, the last used first. */
export function listSessions(ctx: ViewerContext, { cursor, limit }: PageInput): Promise<Page<Session>> {
  const start = decodeCursor(cursor, SessionCursor);
  const userId = oid(ctx.viewer.id);
  return fillPage<SessionRecord, Session>({
    limit,
    read: (last, count) => {
      const after = last ? { at: last.lastUsedAt.getTime(), id: String(last._id) } : start;
      return SessionModel.find({ userId, ...alive(), ...(after && before(after)) })
        .sort({ lastUsedAt: -1, _id: -1 })
        .limit(count)
        .lean();
    },
    show: (rows) => showSessions(ctx, rows),
    cursorOf: (row) => encodeCursor({ at: row.lastUsedAt.getTime(), id: String(row._id) }),
  });
}

const before = ({ at, id }: z.infer<typeof SessionCursor>) => ({
  $or: [{ lastUsedAt: { $lt: new Date(at) } }, { lastUsedAt: new Date(at), _id: { $lt: oid(id) } }],
});

/** Signs one of the viewer's devices out. @throws WarbleError SESSION_NOT_FOUND */
export async function revokeSession(ctx: ViewerContext, id: string): Promise<Done> {
  if (!(await endSession(ctx, oid(ctx.viewer.id), id))) throw new WarbleError("SESSION_NOT_FOUND");
  return { ok: true };
}

/** Signs out the device that asks. */
export async function logout(ctx: ViewerContext): Promise<Done> {
  await endSession(ctx, oid(ctx.viewer.id), ctx.viewer.sessionId);
  return { ok: true };
}

/** Signs out every device but the one that asks. */
export async function logoutOthers(ctx: ViewerContext): Promise<Done> {
  await endSessions(ctx, oid(ctx.viewer.id), ctx.viewer.sessionId);
  return { ok: true };
}

/** Ends one session of a user and closes what it has open. @returns whether there was one */
export async function endSession(app: App, userId: ObjectId, sessionId: string): Promise<boolean> {
  const ended = await SessionModel.updateOne(
    { _id: oid(sessionId), userId, ...alive() },
    { revokedAt: now() },
  );
  afterCommit(() => app.channels.closeSession(sessionId));
  return ended.modifiedCount > 0;
}

/** Ends all sessions of a user, but not `except`, and closes what they have open. */
export async function endSessions(app: App, userId: ObjectId, except?: string): Promise<void> {
  await stopSigningIn(userId);
  await SessionModel.updateMany(
    { userId, revokedAt: null, ...(except && { _id: { $ne: oid(except) } }) },
    { revokedAt: now() },
  );
  afterCommit(() => app.channels.closeUser(String(userId), except));
}

/** Takes away the sessions of a user who is removed, and closes what they have open. */
export async function removeSessions(app: App, userId: ObjectId): Promise<void> {
  await SessionModel.deleteMany({ userId });
  afterCommit(() => app.channels.closeUser(String(userId)));
}

/** Refuses whoever has not given their password on this session lately. @throws WarbleError REAUTH_REQUIRED */
export async function requireFresh({ config, viewer }: ViewerContext): Promise<void> {
  const since = new Date(nowMs() - config.policy.freshFor * 1000);
  const fresh = await SessionModel.exists({
    _id: oid(viewer.sessionId),
    authenticatedAt: { $gt: since },
    ...alive(),
  });
  if (!fresh) throw new WarbleError("REAUTH_REQUIRED");
}

/** The sessions that were ended since a moment, by whichever node. */
export async function endedSince(moment: Date): Promise<string[]> {
  const ended = await SessionModel.find({ revokedAt: { $gt: moment } }, { _id: 1 }).lean();
  return ended.map(({ _id }) => String(_id));
}

/** The password has just been given again on this session. */
export async function renewStepUp(sessionId: string): Promise<void> {
  await SessionModel.updateOne({ _id: oid(sessionId) }, { authenticatedAt: now() });
}

async function tokensOf(app: App, session: SessionRecord): Promise<Tokens> {
  const claims = { userId: String(session.userId), sessionId: String(session._id) };
  const { token, expiresAt } = await app.tokens.signAccess(claims, app.config.policy.accessTtl);
  return {
    accessToken: token,
    refreshToken: app.tokens.refreshToken(seedOf(session), session.generation),
    accessExpiresAt: expiresAt.toISOString(),
    refreshExpiresAt: session.expiresAt.toISOString(),
  };
}

const seedOf = (session: SessionRecord) => ({ id: String(session._id), seed: session.seed });

function parseRefreshToken(token: string): { sessionId: string; generation: number; secret: string } {
  const match = /^([0-9a-f]{24})\.(\d{1,9})\.([\w-]{43})$/.exec(token);
  if (!match) throw new WarbleError("NOT_SIGNED_IN");
  const [, sessionId = "", generation = "", secret = ""] = match;
  return { sessionId, generation: Number(generation), secret };
}
