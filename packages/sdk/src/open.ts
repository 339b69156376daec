import { byWarble } from "./answered";
import { baseUrl } from "./base-url";
import { createAnonymousClient } from "./client";
import type { WarbleOptions } from "./index";
import { Session } from "./session";
import { defaultStorage } from "./storage";

/** What every client begins with: how the server is reached, and the session. @throws TypeError when `url` is no http(s) address */
export function open(options: WarbleOptions) {
  const url = baseUrl(options.url);
  const fetch = byWarble(options.fetch ?? globalThis.fetch.bind(globalThis), url);
  const anonymous = createAnonymousClient({ url, fetch, calls: options });
  const session = new Session({
    storage: options.storage ?? defaultStorage(),
    // Whatever waits for it tries again by itself.
    exchange: (refreshToken) => anonymous.auth.refresh.mutate({ refreshToken }, { context: { retries: 0 } }),
  });
  if (options.onSessionChange) session.onChange(options.onSessionChange);
  return { url, fetch, anonymous, session };
}
