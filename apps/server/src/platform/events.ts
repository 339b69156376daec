import type { App } from "./context";
import type { RunningJob } from "./jobs";

/** Something that happened, by name, with what a listener needs to find it. */
export interface EventType<Payload extends object> {
  name: string;
  /** Only for the type checker. */
  payload?: Payload;
}

/** Names an event; the feature in which it happens exports it. */
export const defineEvent = <Payload extends object>(name: string): EventType<Payload> => ({ name });

/** Reacts to an event. It may run more than once and out of order, so it looks at what is true now. */
export type Listener<Payload> = (app: App, payload: Payload, job: RunningJob<Payload>) => Promise<void>;

/** A listener that has something to do with some events of its kind only. */
export interface Choosy<Payload> {
  wants: (payload: Payload) => boolean;
  run: Listener<Payload>;
}

/** Has no job stored where an event itself says that the listener would find nothing to do. */
export const when = <Asked, Payload>(
  wants: (payload: Asked) => boolean,
  run: Listener<Payload>,
): Choosy<Asked & Payload> => ({ wants, run });

/** One line of the listeners' table. */
export interface Reaction extends Choosy<never> {
  event: string;
  /** `event>listener`: what the stored job is called. */
  name: string;
  /** The lane of its jobs. */
  lane: string;
}

/**
 * Says who reacts to an event; each listener is a job of its own, so that one that fails holds up no other. What takes
 * long is done in a `lane` of its own, in which it holds up nothing else.
 */
export const on = <Payload extends object>(
  event: EventType<Payload>,
  listeners: Record<string, Listener<Payload> | Choosy<Payload>>,
  lane = "events",
): Reaction[] =>
  Object.entries(listeners).map(([name, listener]) => ({
    event: event.name,
    name: `${event.name}>${name}`,
    lane,
    ...(typeof listener === "function" ? when(() => true, listener) : listener),
  }));
