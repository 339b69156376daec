import type { ChatEvents } from "./chat-calls";
import { safely } from "./safely";

type Handler = (...args: unknown[]) => void;

/** Who listens to the chat, by the name of the event. */
export class ChatListeners {
  readonly #handlers = new Map<keyof ChatEvents, Set<Handler>>();

  /** Calls `handler` for each event of this name. @returns what to call to stop */
  on<Name extends keyof ChatEvents>(name: Name, handler: ChatEvents[Name]): () => void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler as Handler));
    return () => void handlers.delete(handler as Handler);
  }

  protected tell<Name extends keyof ChatEvents>(name: Name, ...args: Parameters<ChatEvents[Name]>): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) safely(() => handler(...args));
  }
}
