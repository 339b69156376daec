import type { ErrorReason, InputIssue, SignedIn } from "@warble/contracts";
import type { TestApp } from "./harness";

/** A password that nobody's list has. */
export const PASSWORD = "teal otters whistle at dusk";

/** The answer to one call over HTTP. */
export interface Reply<T = unknown> {
  status: number;
  /** The body as it came, request id blanked. */
  text: string;
  headers: Headers;
  data: T;
  reason: ErrorReason | undefined;
  message: string | undefined;
  retryAfter: number | undefined;
  issues: InputIssue[] | undefined;
  ms: number;
}

interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Calls the running server as a stranger's program would. */
export function overHttp(app: TestApp) {
  const send = async <T = unknown>(path: string, init: RequestInit): Promise<Reply<T>> => {
    const start = performance.now();
    const response = await fetch(`${app.running.url}/trpc/${path}`, init);
    const text = await response.text();
    const ms = performance.now() - start;
    const { result, error } = JSON.parse(text);
    return {
      status: response.status,
      text: text.replace(/"requestId":"[^"]*"/, '"requestId":""'),
      headers: response.headers,
      data: result?.data,
      message: error?.message,
      ...({ reason: undefined, retryAfter: undefined, issues: undefined, ...error?.data } as object),
      ms,
    } as Reply<T>;
  };
  const bearer = (token?: string) => (token === undefined ? {} : { authorization: `Bearer ${token}` });
  const call = <T = unknown>(
    path: string,
    input?: unknown,
    { token, headers = {} }: { token?: string | undefined; headers?: Record<string, string> } = {},
  ): Promise<Reply<T>> =>
    send<T>(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...bearer(token), ...headers },
      ...(input !== undefined && { body: JSON.stringify(input) }),
    });
  const ask = <T = unknown>(path: string, token?: string, input?: unknown): Promise<Reply<T>> =>
    send<T>(`${path}${input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`}`, {
      headers: bearer(token),
    });
  const mails = async (to: string): Promise<Mail[]> => {
    await app.settled();
    const response = await fetch(`${app.running.url}/inbox/mails?to=${encodeURIComponent(to)}`);
    return (await response.json()) as Mail[];
  };
  const register = (username: string, more: object = {}) =>
    call("auth.register", { username, email: `${username}@example.com`, password: PASSWORD, ...more });
  const login = (identifier: string, password = PASSWORD, headers: Record<string, string> = {}) =>
    call<SignedIn>("auth.login", { identifier, password }, { headers });
  /** The token of the newest verification mail. */
  const verificationToken = async (email: string): Promise<string> =>
    /token=([\w-]+)/.exec(
      (await mails(email)).find(({ text }) => text.includes("token="))?.text ?? "",
    )?.[1] ?? "";
  /** The code of the newest reset mail. */
  const resetCode = async (email: string): Promise<string> =>
    /^(\d{6}) /.exec(
      (await mails(email)).find(({ subject }) => /^\d{6} /.test(subject))?.subject ?? "",
    )?.[1] ?? "";
  /** Registers, verifies and signs somebody in. */
  const join = async (username: string): Promise<SignedIn> => {
    await register(username);
    await call("auth.verifyEmail", { token: await verificationToken(`${username}@example.com`) });
    return (await login(username)).data;
  };
  return { call, ask, mails, register, login, join, verificationToken, resetCode };
}

/** The one in the middle of how long calls took. */
export const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
