import type { UserPresence } from "@warble/contracts";
import type { ChatSocket } from "./chat-link";
import { sleep, waitMs } from "./wait";

const ACK_MS = 10_000;

/** Whose presence is followed, through any number of breaks. */
export class PresenceWatch {
  readonly #tell: (presence: UserPresence) => void;
  #userIds: string[] = [];
  #online = new Set<string>();
  /** Whether the server knows whom: after a break it has to be told again. */
  #asked = false;

  constructor(tell: (presence: UserPresence) => void) {
    this.#tell = tell;
  }

  /** These were asked for, in place of those before, and those are there. */
  asked(userIds: string[], online: string[]): void {
    this.#userIds = userIds;
    this.#online = new Set(online);
    this.#asked = true;
  }

  /** Nobody is followed any more. */
  forget(): void {
    this.#userIds = [];
    this.#online.clear();
    this.#asked = false;
  }

  attach(socket: ChatSocket): void {
    socket.on("chat:presence", (presence) => this.#take(presence));
    socket.on("chat:ready", () => void (this.#asked && this.#askAgain(socket)));
  }

  /** What has changed meanwhile is told like any other change. */
  async #askAgain(socket: ChatSocket): Promise<void> {
    const { id } = socket;
    for (let attempt = 0; socket.connected && socket.id === id; attempt++) {
      const userIds = this.#userIds;
      try {
        const answer = await socket.timeout(ACK_MS).emitWithAck("chat:presence", { userIds });
        if (userIds !== this.#userIds) return;
        if (answer.ok) return this.#takeAll(userIds, answer.online);
        await sleep(waitMs(attempt, answer.retryAfter));
      } catch {
        await sleep(waitMs(attempt));
      }
    }
  }

  #takeAll(userIds: string[], online: string[]): void {
    for (const userId of userIds) this.#take({ userId, online: online.includes(userId) });
  }

  #take({ userId, online }: UserPresence): void {
    if (online === this.#online.has(userId)) return;
    if (online) this.#online.add(userId);
    else this.#online.delete(userId);
    this.#tell({ userId, online });
  }
}
