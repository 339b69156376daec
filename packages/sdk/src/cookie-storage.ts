import { readTokens, type SessionStorage } from "./storage";

/** What browsers take: they drop what is longer, and say nothing. */
const MAX_BYTES = 4096;

/** How a cookie is set; Next, Remix and Express take it as it is. */
export interface CookieAttributes {
  path: "/";
  sameSite: "lax";
  /** Where a server sets the cookie: no script on the page can read it. */
  httpOnly: boolean;
  /** Sent by https alone. */
  secure: boolean;
  /** When the refresh token ends; in the past to take the cookie away. */
  expires: Date;
}

/** Cookies, wherever they are. */
export interface CookieJar {
  /** The value of a cookie as it was set. */
  get(name: string): Promise<string | null | undefined> | string | null | undefined;
  /** Left out where none can be set, as in a React server component: then the session is used and not refreshed. */
  set?(name: string, value: string, attributes: CookieAttributes): unknown;
}

export interface CookieOptions {
  name?: string;
  /** By default the cookie is sent by https alone, but for a page that came without; false for development. */
  secure?: boolean;
  /** By default what a server sets is hidden from scripts; false shares the session with `documentCookies` on the page. */
  httpOnly?: boolean;
}

/**
 * Keeps the session in a cookie, below 4 kB, until its refresh token ends: for pages that a server renders, with a client
 * for each request, so that nothing of one user is there for the next.
 * @throws RangeError when a session is saved that does not fit into a cookie
 * @example
 * // Next
 * const store = await cookies();
 * const jar = { get: (name) => store.get(name)?.value, set: (...cookie) => store.set(...cookie) };
 * // Express with cookie-parser
 * const jar = { get: (name) => request.cookies[name], set: (...cookie) => response.cookie(...cookie) };
 * const warble = createWarble({ url, storage: cookieStorage(jar) });
 */
export function cookieStorage(jar: CookieJar, options: CookieOptions = {}): SessionStorage {
  const { name = "warble.session" } = options;
  const onPage = "document" in globalThis;
  const fixed = {
    path: "/",
    sameSite: "lax",
    httpOnly: options.httpOnly ?? !onPage,
    secure: options.secure ?? (!onPage || location.protocol === "https:"),
  } as const;
  if (!jar.set)
    return { readOnly: true, load: async () => decode(await jar.get(name)), save: () => undefined };
  // Requests of one user that refresh at once get the same tokens from the server; tabs take turns and tell each other.
  const tabs = onPage ? amongTabs(name) : undefined;
  return {
    ...tabs?.shared,
    load: async () => decode(await jar.get(name)),
    save: async (tokens) => {
      const value = tokens ? encode(JSON.stringify(tokens)) : "";
      const expires = new Date(tokens?.refreshExpiresAt ?? 0);
      if (lineOf(name, value, { ...fixed, expires }).length > MAX_BYTES) {
        throw new RangeError(`The session does not fit into the cookie ${name}.`);
      }
      await jar.set?.(name, value, { ...fixed, expires });
      tabs?.tell();
    },
  };
}

/**
 * The cookies of one request and its answer.
 * @param header the request's header `cookie`
 * @param setCookie takes a line for the answer's header `set-cookie`; left out where none can be set
 * @example
 * const headers = new Headers();
 * const jar = cookieJar(request.headers.get("cookie"), (line) => headers.append("set-cookie", line));
 */
export function cookieJar(
  header: string | null | undefined,
  setCookie?: (line: string) => unknown,
): CookieJar {
  const get = (name: string) => valueIn(header ?? "", name);
  return setCookie
    ? { get, set: (name, value, attributes) => setCookie(lineOf(name, value, attributes)) }
    : { get };
}

/** The cookies of the page, for a session that its server set with `httpOnly: false`. */
export const documentCookies = (): CookieJar => ({
  get: (name) => valueIn(document.cookie, name),
  set: (name, value, attributes) => {
    // biome-ignore lint/suspicious/noDocumentCookie: not every browser has the Cookie Store API.
    document.cookie = lineOf(name, value, attributes);
  },
});

/** Nothing tells a tab that another has changed a cookie. */
function amongTabs(name: string) {
  const open = () => new BroadcastChannel(`warble.cookie ${name}`);
  return {
    shared: {
      name,
      watch: (changed: () => void) => {
        const channel = open();
        channel.onmessage = changed;
        return () => channel.close();
      },
    },
    tell: () => {
      const channel = open();
      channel.postMessage(null);
      channel.close();
    },
  };
}

/** Letters that a cookie may hold as they are, so that no framework encodes them once more. */
const encode = (text: string): string =>
  btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function decode(value: string | null | undefined) {
  try {
    return readTokens(atob((value ?? "").replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return null;
  }
}

function valueIn(header: string, name: string): string | undefined {
  const found = header.split(";").find((pair) => pair.trim().startsWith(`${name}=`));
  return found?.trim().slice(name.length + 1);
}

function lineOf(name: string, value: string, attributes: CookieAttributes): string {
  const { path, expires, httpOnly, secure } = attributes;
  const line = `${name}=${value}; Path=${path}; Expires=${expires.toUTCString()}; SameSite=Lax`;
  return `${line}${httpOnly ? "; HttpOnly" : ""}${secure ? "; Secure" : ""}`;
}
