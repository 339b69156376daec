import { setTimeout as sleep } from "node:timers/promises";

const WAIT_MS = 5_000;
const POLL_MS = 20;

const LINK = /https?:\/\/\S+/;
const CODE = /^\d{6,8}$/m;

interface StoredMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  createdAt: string;
}

/** One mail that the server has sent. */
export class Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** On the server's clock. */
  readonly createdAt: Date;

  constructor({ id, to, subject, text, createdAt }: StoredMail) {
    this.id = id;
    this.to = to;
    this.subject = subject;
    this.text = text;
    this.createdAt = new Date(createdAt);
  }

  /** The link that it asks to open. @throws Error when it has none */
  get link(): string {
    return this.#found("link", LINK.exec(this.text)?.[0]);
  }

  /** The token of its link: what `auth.verifyEmail` and the like take. @throws Error when it has none */
  get token(): string {
    return this.#found("token", new URL(this.link).searchParams.get("token"));
  }

  /** The code that it asks to type, such as the one that resets a password. @throws Error when it has none */
  get code(): string {
    return this.#found("code", CODE.exec(this.text)?.[0]);
  }

  #found(what: string, value: string | null | undefined): string {
    if (value) return value;
    throw new Error(`The mail "${this.subject}" to ${this.to} holds no ${what}:\n${this.text}`);
  }
}

/** Which mail is waited for. */
export interface MailWanted {
  to: string;
  /** A part of the subject, or what it matches. */
  subject?: string | RegExp;
  /** Milliseconds; five seconds when it is not said. */
  timeout?: number;
}

interface MailsOptions {
  url: string;
  requireRunning: () => void;
}

/** What the server has mailed: all of it stays here. */
export class Mails {
  readonly #options: MailsOptions;
  readonly #given = new Set<string>();

  constructor(options: MailsOptions) {
    this.#options = options;
  }

  /** The mails to an address, the latest first: a hundred at most. */
  async to(address: string): Promise<Mail[]> {
    this.#options.requireRunning();
    const response = await fetch(`${this.#options.url}/inbox/mails?to=${encodeURIComponent(address)}`);
    const stored = (await response.json()) as StoredMail[];
    return stored.map((mail) => new Mail(mail));
  }

  /**
   * The first mail to an address that was not waited for before, once it is there: each is given once, in the order in
   * which they came.
   * @throws Error when none comes in time; it says which have come
   * @example
   * const { token } = await warble.mails.waitFor({ to: "alice@example.com", subject: "Verify" });
   */
  async waitFor({ to, subject = "", timeout = WAIT_MS }: MailWanted): Promise<Mail> {
    const fits = (mail: Mail): boolean =>
      typeof subject === "string" ? mail.subject.includes(subject) : mail.subject.search(subject) >= 0;
    const deadline = performance.now() + timeout;
    for (;;) {
      const mails = await this.to(to);
      const mail = mails.findLast((each) => !this.#given.has(each.id) && fits(each));
      if (mail) {
        this.#given.add(mail.id);
        return mail;
      }
      if (performance.now() > deadline) throw new Error(this.#missing({ to, subject, timeout }, mails));
      await sleep(POLL_MS);
    }
  }

  #missing({ to, subject, timeout = 0 }: MailWanted, mails: Mail[]): string {
    const about = subject ? ` with the subject ${subject}` : "";
    const came = mails.map(
      (mail) => `  "${mail.subject}"${this.#given.has(mail.id) ? ", which was waited for before" : ""}`,
    );
    return [
      `No mail to ${to}${about} came within ${timeout / 1000} s. What has come:`,
      ...(came.length > 0 ? came : ["  nothing"]),
    ].join("\n");
  }
}
