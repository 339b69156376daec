import { z } from "zod";
import { newId } from "./id";
import type { RedisLink } from "./redis";

const Event = z.object({
  userId: z.string(),
  number: z.number(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** What one node tells the others. */
const Note = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("events"), events: z.array(Event) }),
  z.object({
    kind: z.literal("forget"),
    collection: z.string(),
    changes: z.array(z.record(z.string(), z.string())),
  }),
  z.object({ kind: z.literal("closeSession"), sessionId: z.string() }),
  z.object({ kind: z.literal("closeUser"), userId: z.string(), except: z.string().optional() }),
  z.object({ kind: z.literal("presence"), userId: z.string(), rights: z.boolean() }),
  z.object({
    kind: z.literal("live"),
    place: z.string(),
    userId: z.string(),
    event: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
]);
const Letter = z.object({ from: z.string(), note: Note });

type Note = z.infer<typeof Note>;

/** Carries notes to the other nodes, and may lose them: what must not be lost is in the database. */
export interface Relay {
  /** `alone`: there are no other nodes. `away`: there may be, and they cannot be reached now. */
  state(): "alone" | "joined" | "away";
  /** Tells all other nodes, never this one. */
  tell(note: Note): void;
  /** Says who is given the notes of others. */
  hear(listener: (note: Note) => void): void;
}

/** The relay of a node that has no others. */
export const aloneRelay: Relay = { state: () => "alone", tell: () => undefined, hear: () => undefined };

/** The relay of nodes that share a Redis. */
export function relayOver(link: RedisLink): Relay {
  const self = String(newId());
  const listeners: ((note: Note) => void)[] = [];
  link.hear((text) => {
    const letter = read(text);
    if (!letter || letter.from === self) return;
    for (const listener of listeners) listener(letter.note);
  });
  return {
    state: () => (link.away ? "away" : "joined"),
    tell: (note) => link.publish(JSON.stringify({ from: self, note })),
    hear: (listener) => void listeners.push(listener),
  };
}

/** What is not of our kind, another version's perhaps, is passed over. */
function read(text: string): z.infer<typeof Letter> | undefined {
  try {
    return Letter.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
