import { io } from "socket.io-client";
import { Chat } from "./chat";
import type { WarbleOptions } from "./index";
import { open } from "./open";

export type * from "@warble/contracts";
export { Chat, type Outgoing } from "./chat";
export type { ChatEvents } from "./chat-calls";
export { isWarbleError, type Reason, WarbleError } from "./error";
export { browserStorage, memoryStorage, type SessionStorage } from "./storage";

/**
 * Makes a chat client alone, with the socket client inside, for who has a session: `storage` gives its tokens, and is
 * given those that take their place. `disconnect` ends it.
 * @throws TypeError when `url` is no http(s) address
 * @example
 * const chat = createChat({ url: "http://localhost:4000", storage: memoryStorage(tokens) });
 * for await (const message of chat.messages()) console.log(message.content);
 */
export function createChat(options: WarbleOptions): Chat {
  const { url, session } = open(options);
  return new Chat({ url, session, load: async () => io });
}
