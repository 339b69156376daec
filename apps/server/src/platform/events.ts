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

/** One line of the listeners' table. */
export interface Reaction {
  event: string;
  /** `event>listener`: what the stored job is called. */
  name: string;
  /** The lane of its jobs. */
  lane: string;
  run: Listener<never>;
}

/**
 * Says who reacts to an event; each listener is a job of its own, so that one that fails holds up no other. What takes
 * long is done in a `lane` of its own, in which it holds up nothing else.
 */
export const on = <Payload extends object>(
  event: EventType<Payload>,
  listeners: Record<string, Listener<Payload>>,
  lane = "events",
): Reaction[] =>
  Object.entries(listeners).map(([name, run]) => ({
    event: event.name,
    name: `${event.name}>${name}`,
    lane,
    run,
  }));
