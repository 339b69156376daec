import type { SignedIn } from "@warble/contracts";
import { vi } from "vitest";
import { type ChatClient, connectWith } from "../chat-client";
import { PASSWORD, type Reply } from "../http";
import type { Address } from "../raw-socket";

export { closeClients } from "../chat-client";
export { median, PASSWORD } from "../http";

// Storms and floods take their time on a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Somebody who registered, read their mail and signed in. */
export interface Person {
  id: string;
  username: string;
  email: string;
  accessToken: string;
  refreshToken: string;
}

/** Who calls, and which network they seem to come from where the server believes a proxy. */
export interface From {
  by?: Pick<Person, "accessToken"> | undefined;
  network?: string | undefined;
  /** The call's idempotency key. */
  key?: string;
  signal?: AbortSignal;
}

interface Batched<T> {
  result?: { data: T };
  error?: { data: { reason: string } };
}

const VERIFICATION = /token=([\w-]+)/;
const CODE = /(?:^|\n)(\d{6})(?:\n|$)/;

const headersOf = ({ by, network, key }: From): Record<string, string> => ({
  ...(by && { authorization: `Bearer ${by.accessToken}` }),
  ...(network !== undefined && { "x-forwarded-for": network }),
  ...(key !== undefined && { "idempotency-key": key }),
});

/** A network of one's own. */
export const someNetwork = (): string =>
  Array.from({ length: 4 }, () => 1 + Math.floor(Math.random() * 250)).join(".");

async function replyOf<T>(response: Response, start: number): Promise<Reply<T>> {
  const text = await response.text();
  const { result, error } = JSON.parse(text);
  return {
    status: response.status,
    text: text.replace(/"requestId":"[^"]*"/, '"requestId":""'),
    headers: response.headers,
    ms: performance.now() - start,
    data: result?.data,
    message: error?.message,
    reason: error?.data.reason,
    retryAfter: error?.data.retryAfter,
    issues: error?.data.issues,
  };
}

/** All that a stranger's program knows of a server is its address. */
export function visit(server: Address) {
  const send = async <T>(path: string, init: RequestInit): Promise<Reply<T>> => {
    const start = performance.now();
    return replyOf<T>(await fetch(`${server.running.url}/trpc/${path}`, init), start);
  };
  const post = (input: unknown, from: From): RequestInit => ({
    method: "POST",
    headers: { "content-type": "application/json", ...headersOf(from) },
    ...(input !== undefined && { body: JSON.stringify(input) }),
    ...(from.signal && { signal: from.signal }),
  });
  const call = <T = unknown>(path: string, input?: unknown, from: From = {}): Promise<Reply<T>> =>
    send(path, post(input, from));
  const ask = <T = unknown>(path: string, input?: unknown, from: From = {}): Promise<Reply<T>> =>
    send(`${path}${input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`}`, {
      headers: headersOf(from),
    });
  /** Several calls in one request. */
  const batch = async <T = unknown>(path: string, inputs: unknown[], from: From = {}) => {
    const url = `${server.running.url}/trpc/${inputs.map(() => path).join(",")}?batch=1`;
    const response = await fetch(url, post(Object.assign({}, inputs), from));
    return { status: response.status, answers: (await response.json()) as Batched<T>[] };
  };
  /** What the newest mail to an address that has it says, as soon as it has come. */
  const mailed = (to: string, pattern: RegExp): Promise<string> =>
    vi.waitFor(
      async () => {
        const response = await fetch(`${server.running.url}/inbox/mails?to=${encodeURIComponent(to)}`);
        const mails = (await response.json()) as { text: string }[];
        const found = mails.map(({ text }) => pattern.exec(text)?.[1]).find((match) => match !== undefined);
        if (found === undefined) throw new Error(`no mail to ${to} has ${pattern}`);
        return found;
      },
      { timeout: 15_000, interval: 30 },
    );
  const login = (identifier: string, password = PASSWORD, network?: string) =>
    call<SignedIn>("auth.login", { identifier, password }, { network });
  const register = (username: string, more: object = {}, network?: string) =>
    call("auth.register", { username, email: mailOf(username), password: PASSWORD, ...more }, { network });
  const signIn = async (username: string, password = PASSWORD): Promise<Person> => {
    const { data, text } = await login(username, password, someNetwork());
    if (!data) throw new Error(`${username} cannot sign in: ${text}`);
    return { ...data.tokens, id: data.user.id, username, email: mailOf(username) };
  };
  /** Registers somebody, verifies them by the mailed link, and signs them in. */
  const join = async (username: string, more: object = {}): Promise<Person> => {
    const network = someNetwork();
    const { status, text } = await register(username, more, network);
    if (status !== 200) throw new Error(`${username} cannot register: ${text}`);
    await call("auth.verifyEmail", { token: await mailed(mailOf(username), VERIFICATION) }, { network });
    return signIn(username);
  };
  const chat = ({ accessToken }: Pick<Person, "accessToken">): Promise<ChatClient> =>
    connectWith(server, { auth: { token: accessToken } });
  return {
    call,
    ask,
    batch,
    login,
    register,
    signIn,
    join,
    chat,
    everybody: (...names: string[]) => Promise.all(names.map((name) => join(name))),
    verificationToken: (email: string) => mailed(email, VERIFICATION),
    resetCode: (email: string) => mailed(email, CODE),
  };
}

export const mailOf = (username: string): string => `${username}@example.com`;

/** Does it so many times at once. */
export const atOnce = <T>(count: number, act: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => act(n)));

/** All items of a list, page by page. */
export async function allOf<T>(
  page: (cursor?: string) => Promise<Reply<{ items: T[]; nextCursor: string | null }>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const { data, text } = await page(cursor);
    if (!data) throw new Error(`the list was refused: ${text}`);
    items.push(...data.items);
    cursor = data.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
