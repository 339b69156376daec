import { createWarble, memoryStorage, type Warble } from "../src/index";

const MAIL_MS = 20_000;

/** Where the story plays: a server, and the mails that it sends. */
export interface Stage {
  url: string;
  /** Where the development inbox is. */
  inboxUrl: string;
  close: () => Promise<void>;
}

/** The server at `WARBLE_URL`, or one of our own on a database that is thrown away afterwards. */
export async function openStage(): Promise<Stage> {
  const url = process.env.WARBLE_URL?.replace(/\/+$/, "");
  if (url) return { url, inboxUrl: `${url}/inbox`, close: async () => undefined };
  console.log("No WARBLE_URL: starting a server on an embedded database.\n");
  const [{ startThrowawayMongo }, { createApp }, { readConfig }] = await Promise.all([
    import("@warble/embedded"),
    import("@warble/server/app"),
    import("@warble/server/config"),
  ]);
  const mongo = await startThrowawayMongo({ log: (line) => console.log(line) });
  const secret = () => Buffer.from(crypto.getRandomValues(new Uint8Array(48))).toString("base64");
  const running = await createApp(
    readConfig({
      PORT: "0",
      MONGO_URL: mongo.url,
      JWT_SECRETS: secret(),
      PASSWORD_PEPPER: secret(),
      LOG_LEVEL: "warn",
    }),
  );
  return {
    url: running.url,
    inboxUrl: `${running.url}/inbox`,
    close: async () => {
      await running.close();
      await mongo.stop();
    },
  };
}

/** A person with a name of their own, so that the story can be played again on the same server. */
export interface Person {
  name: string;
  email: string;
  password: string;
  warble: Warble;
}

export function cast(stage: Stage, role: string): Person {
  const name = `${role}_${Math.random().toString(36).slice(2, 8)}`;
  return {
    name,
    email: `${name}@example.com`,
    password: `${crypto.randomUUID()} of ${role}`,
    warble: createWarble({ url: stage.url, storage: memoryStorage() }),
  };
}

/** Waits for a mail to this address whose text has what `pattern` looks for, and returns the first group. */
export async function mailedTo(stage: Stage, address: string, pattern: RegExp): Promise<string> {
  const deadline = Date.now() + MAIL_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${stage.inboxUrl}/mails?to=${encodeURIComponent(address)}`);
    if (!response.ok)
      throw new Error(`no development inbox at ${stage.inboxUrl}: the demo needs a server without SMTP_URL`);
    const mails: { text: string }[] = await response.json();
    const found = mails.map((mail) => pattern.exec(mail.text)?.[1]).find(Boolean);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no mail to ${address} within ${MAIL_MS / 1000} s`);
}
