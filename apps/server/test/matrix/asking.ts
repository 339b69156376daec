import { ErrorReason } from "@warble/contracts";
import mongoose from "mongoose";
import { expect, vi } from "vitest";
import { appRouter } from "../../src/app";
import { shapeOf, WarbleError } from "../../src/platform/error";
import { newId, oid } from "../../src/platform/id";
import { type ChatClient, connect } from "../chat-client";
import type { TestApp } from "../harness";
import { overHttp } from "../http";
import { stream } from "../stream-client";
import { CALLS, type Fresh } from "./calls";
import { storeReport, storeStrike, takenDown } from "./moderated";
import { COLUMNS, callerOf, LAST, NOBODY, type Place, say } from "./world";

interface Answer {
  /** 200 when it was not refused. */
  status: number;
  text: string;
}

interface Procedure {
  _def: { type: "query" | "mutation" | "subscription" };
}
export const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>);
const typeOf = new Map(procedures.map(([path, { _def }]) => [path, _def.type]));

/** Socket events that only tell. */
const TELLING = new Set([
  "chat:conversations",
  "chat:history",
  "chat:presence",
  "chat:requests",
  "chat:resume",
  "chat:search",
]);

const nameOf = (row: string): string => row.split(" ")[0] ?? row;
const onSocket = (row: string): boolean => row.includes(":");
/** Whether a row asks to be told something; else it has something done. */
export const tells = (row: string): boolean =>
  onSocket(row) ? TELLING.has(nameOf(row)) : typeOf.get(nameOf(row)) !== "mutation";

/** Asks as people do, over HTTP and sockets, and says in a character or a status how it went. */
export function asker(app: TestApp) {
  const http = overHttp(app);
  const tokens = new Map<string, Promise<string>>();
  const sockets = new Map<string, Promise<ChatClient>>();
  const tokenOf = (name: string): Promise<string> => {
    const token = tokens.get(name) ?? app.tokenFor(name);
    tokens.set(name, token);
    return token;
  };
  const socketOf = (name: string): Promise<ChatClient> => {
    const socket = sockets.get(name) ?? connect(app, name);
    sockets.set(name, socket);
    return socket;
  };

  const overSocket = async (event: string, viewer: string | null, input: object): Promise<Answer> => {
    if (viewer === null) return { status: 401, text: "" };
    const client = await socketOf(viewer);
    const heard = client.heard.length;
    const answer = await client.raw(event, input);
    if (answer.ok !== true) return refused(String(answer.reason));
    if (event === "chat:resume") await lastWord(app, viewer, () => JSON.stringify(client.heard));
    return { status: 200, text: JSON.stringify([answer, client.heard.slice(heard)]) };
  };

  const overStream = async ({ viewer }: Place, bad?: string): Promise<Answer> => {
    if (viewer === null || bad !== undefined) return { status: await refusedStream(app, bad), text: "" };
    const client = await stream(app, { token: await tokenOf(viewer), lastEventId: "0" });
    // Who is not verified is not spoken to.
    if (viewer !== COLUMNS.UV[0]) await lastWord(app, viewer, () => JSON.stringify(client.received));
    client.stop();
    return { status: 200, text: JSON.stringify(client.received) };
  };

  const send = async (row: string, at: Place, token?: string): Promise<Answer> => {
    const [name, { input }] = [nameOf(row), CALLS[row]!];
    if (name === "notifications.stream") return overStream(at, token);
    const asked = await input(at, freshOf(app, at));
    if (onSocket(row)) return overSocket(name, at.viewer, asked ?? {});
    const as = token ?? (at.viewer === null ? undefined : await tokenOf(at.viewer));
    return typeOf.get(name) === "query" ? http.ask(name, as, asked) : http.call(name, asked, { token: as });
  };

  /** Whether what is not there and what may not be seen are answered alike. */
  const isLikeNothing = async (row: string, at: Place, { text }: Answer): Promise<boolean> => {
    const never = await send(row, { ...NOBODY, viewer: at.viewer, common: at.common });
    return never.text === text;
  };

  const outcomeOf = async (row: string, at: Place): Promise<string> => {
    const answer = await send(row, at);
    if (answer.status === 404) return (await isLikeNothing(row, at, answer)) ? "404" : "404!";
    if (answer.status !== 200) return String(answer.status);
    if (!tells(row)) return "+";
    const word = CALLS[row]?.word?.(at) ?? at.owner.word;
    if (answer.text.includes(word)) return /"flags":\["muted/.test(answer.text) ? "~" : "+";
    return answer.text.includes(at.owner.id) ? "n" : "-";
  };

  return {
    /** "+" told, or done; "~" told with a flag; "n" named only; "-" nothing of them; or the status it was refused with. */
    ask: outcomeOf,
    /** As `ask`, and puts back what that has changed. */
    askAndPutBack: async (row: string, at: Place): Promise<string> => {
      const putBack = await remember([at.owner.id, ...(at.viewer === null ? [] : [await app.id(at.viewer)])]);
      const outcome = await outcomeOf(row, at);
      await putBack();
      return outcome;
    },
    /** The status of a call with this token. */
    statusWith: async (row: string, at: Place, token: string): Promise<number> =>
      (await send(row, at, token)).status,
    /** Signs these in, so that what calls change is put back and their sessions are not; and has them be there. */
    connect: async (names: string[]): Promise<void> => {
      await Promise.all(names.flatMap((name): Promise<unknown>[] => [tokenOf(name), socketOf(name)]));
    },
  };
}

/** Has somebody else tell them one thing more, and waits until it has come: so has all that was told before. */
export async function lastWord(app: TestApp, viewer: string, heard: () => string): Promise<void> {
  const { id } = await (await app.as(LAST)).tweets.create({ content: `that is all, @${viewer}` });
  const { id: messageId } = await say(app, { from: LAST, to: await app.id(viewer), content: "that is all" });
  await vi.waitFor(() => expect(heard()).toMatch(new RegExp(`${id}|${messageId}`)), { timeout: 20_000 });
}

/** The status in the first event of a stream that is refused. */
async function refusedStream(app: TestApp, token: string | undefined): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${app.running.url}/trpc/notifications.stream?input={}`, { headers });
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const status = /"httpStatus":(\d+)/.exec(text)?.[1];
    if (status) return Number(status);
  }
  return response.status;
}

const refused = (reason: string): Answer => {
  const shape = shapeOf(new WarbleError(ErrorReason.parse(reason)), "");
  return { status: shape.data.httpStatus, text: JSON.stringify(shape) };
};

function freshOf(app: TestApp, { owner, common }: Place): Fresh {
  const unless = (make: () => Promise<string>) => async () => (owner === NOBODY.owner ? owner.tweet : make());
  const write = async () => (await callerOf(app, owner).tweets.create({ content: "fresh" })).id;
  const answer = async () =>
    (await callerOf(app, owner).comments.create({ tweetId: common, content: "fresh" })).id;
  return {
    below: async () => {
      const shown = { $set: { hiddenAt: null } };
      await mongoose.connection.collection("posts").updateOne({ _id: oid(owner.below) }, shown);
      return owner.below;
    },
    tweet: unless(write),
    comment: unless(answer),
    takenDown: (kind) => unless(() => takenDown(app, kind, kind === "tweet" ? write() : answer()))(),
    report: unless(() => storeReport(owner, owner.id)),
    strike: (appealed) => unless(() => storeStrike(owner, newId(), appealed))(),
  };
}

/** What a call may change of two people, so that the next one finds the world as it was. */
const KEPT: [collection: string, fields: string[]][] = [
  ["users", ["_id"]],
  ["edges", ["fromId", "toId"]],
  ["sessions", ["userId"]],
  ["mutes", ["userId"]],
  ["passkeys", ["userId"]],
  ["totps", ["_id"]],
  ["exports", ["userId"]],
  ["conversations", ["members.userId"]],
  ["messages", ["senderId"]],
  ["likes", ["userId"]],
];

async function remember(userIds: string[]): Promise<() => Promise<void>> {
  const users = { $in: userIds.map(oid) };
  const [first, ...others] = KEPT.map(([of, fields]) => ({
    of,
    pipeline: [
      { $match: { $or: fields.map((field) => ({ [field]: users })) } },
      { $project: { _id: 0, of, row: "$$ROOT" } },
    ],
  }));
  // One question, because it is asked some thousand times.
  const read = () =>
    mongoose.connection
      .collection(first!.of)
      .aggregate<Kept>([
        ...first!.pipeline,
        ...others.map(({ of, pipeline }) => ({ $unionWith: { coll: of, pipeline } })),
      ])
      .toArray();
  const before = await read();
  return async () => {
    const after = await read();
    await Promise.all(
      KEPT.map(async ([name]) => {
        const of = (kept: Kept[]) => kept.filter((each) => each.of === name).map(({ row }) => row);
        const writes = restoring(of(before), of(after));
        if (writes.length > 0) await mongoose.connection.collection(name).bulkWrite(writes);
      }),
    );
  };
}

type Row = mongoose.mongo.WithId<mongoose.mongo.Document>;
interface Kept {
  of: string;
  row: Row;
}

/** What makes rows again what they were. */
function restoring(before: Row[], after: Row[]) {
  const old = new Set(before.map(({ _id }) => String(_id)));
  const same = new Set(after.map((row) => JSON.stringify(row)));
  return [
    ...after
      .filter(({ _id }) => !old.has(String(_id)))
      .map(({ _id }) => ({ deleteOne: { filter: { _id } } })),
    ...before
      .filter((row) => !same.has(JSON.stringify(row)))
      .map((row) => ({ replaceOne: { filter: { _id: row._id }, replacement: row, upsert: true } })),
  ];
}
