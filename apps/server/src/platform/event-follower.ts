import { WarbleError } from "./error";

/** How many events are read, or kept for a slow client, at once. */
export const READ_AT_ONCE = 100;

/** One pushed thing: `data` says where it is, and it is shown as the viewer may see it when it is sent. */
export interface LoggedEvent<Data = unknown> {
  number: number;
  type: string;
  data: Data;
}

/** One reader of a user's log: what is handed to it as it happens, and whether it has to look into the log instead. */
export class Follower {
  readonly #wake: () => void;
  #last: number;
  #handed: LoggedEvent[] = [];
  #mustRead = true;

  /**
   * @param last the number of the event that it has already
   * @param wake is called whenever there may be more to take
   */
  constructor(last: number, wake: () => void) {
    this.#last = last;
    this.#wake = wake;
  }

  /** The number of the event that was given out last. */
  get last(): number {
    return this.#last;
  }

  /** Is handed an event that was just stored; where others are missing before it, the log has to be read. */
  hand(event: LoggedEvent): void {
    const next = this.#last + this.#handed.length + 1;
    if (event.number < next) return;
    if (event.number === next && this.#handed.length < READ_AT_ONCE) this.#handed.push(event);
    else this.#mustRead = true;
    this.#wake();
  }

  /** Learns that there are events up to this number. */
  expect(number: number): void {
    if (number <= this.#last + this.#handed.length) return;
    this.#mustRead = true;
    this.#wake();
  }

  /** The events that were handed over and follow on the last one; undefined when the log has to be read. */
  take(): LoggedEvent[] | undefined {
    const events = this.#handed.filter(({ number }) => number > this.#last);
    this.#handed = [];
    if (this.#mustRead || (events[0] && events[0].number !== this.#last + 1)) {
      this.#mustRead = false;
      return undefined;
    }
    this.#last += events.length;
    return events;
  }

  /** Goes on behind what was read. @throws WarbleError RESYNC when an event is missing */
  accept(events: LoggedEvent[]): LoggedEvent[] {
    if (events.some(({ number }, index) => number !== this.#last + 1 + index))
      throw new WarbleError("RESYNC");
    this.#last += events.length;
    if (events.length === READ_AT_ONCE) this.#mustRead = true;
    return events;
  }
}
