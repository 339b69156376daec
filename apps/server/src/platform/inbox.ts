import type { AddressInfo } from "node:net";
import { type RequestHandler, Router } from "express";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { now } from "./clock";
import { newId } from "./id";
import { modelOf, type Stored, schemaOf } from "./mongo";

const KEPT_SECONDS = 7 * 24 * 60 * 60;
const SHOWN = 100;

interface InboxRecord extends Stored {
  to: string;
  from: string;
  subject: string;
  text: string;
  createdAt: Date;
}

const schema = schemaOf<InboxRecord>({
  to: { type: String, required: true },
  from: { type: String, default: "" },
  subject: { type: String, default: "" },
  text: { type: String, default: "" },
  createdAt: { type: Date, required: true, expires: KEPT_SECONDS },
});
schema.index({ to: 1, _id: -1 });
const InboxModel = modelOf<InboxRecord>("InboxMail", schema, "inbox");

/** A real SMTP server on loopback that keeps what it gets, and a page to read it: development's mail. */
export interface Inbox {
  smtpUrl: string;
  page: Router;
  close: () => Promise<void>;
}

export async function startInbox(): Promise<Inbox> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    onData: (stream, session, done) => {
      simpleParser(stream)
        .then((mail) =>
          InboxModel.create(
            session.envelope.rcptTo.map(({ address }) => ({
              _id: newId(),
              to: address.toLowerCase(),
              from: mail.from?.text ?? "",
              subject: mail.subject ?? "",
              text: mail.text ?? "",
              createdAt: now(),
            })),
          ),
        )
        .then(
          () => done(),
          (error: Error) => done(error),
        );
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    smtpUrl: `smtp://127.0.0.1:${port}`,
    page: inboxPage(),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function inboxPage(): Router {
  const page = Router();
  page.get("/", async (_request, response) => {
    response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    response.type("html").send(render(await newest()));
  });
  page.get("/mails", listMails);
  return page;
}

/** `GET /inbox/mails?to=alice@example.com`: the newest mails as JSON, for scripts. */
const listMails: RequestHandler = async (request, response) => {
  const { to } = request.query;
  const mails = await newest(typeof to === "string" ? to.toLowerCase() : undefined);
  response.json(mails.map(({ _id, ...mail }) => ({ id: String(_id), ...mail })));
};

const newest = (to?: string): Promise<InboxRecord[]> =>
  InboxModel.find(to === undefined ? {} : { to })
    .sort({ _id: -1 })
    .limit(SHOWN)
    .lean();

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const linked = (text: string): string =>
  escapeHtml(text).replace(/https?:\/\/[^\s<&]+(?:&#38;[^\s<&]+)*/g, (url) => `<a href="${url}">${url}</a>`);

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1d2733}
h1{font-size:1.4rem}article{border:1px solid #d5dde5;border-radius:8px;padding:1rem;margin:1rem 0}
h2{font-size:1.05rem;margin:0}p{margin:.2rem 0;color:#5b6876;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.8rem 0 0}`;

function render(mails: InboxRecord[]): string {
  const list = mails.map(
    (mail) => `<article><h2>${escapeHtml(mail.subject)}</h2>
<p>to ${escapeHtml(mail.to)}, ${mail.createdAt.toISOString()}</p><pre>${linked(mail.text)}</pre></article>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Warble inbox</title><style>${STYLE}</style><h1>Inbox</h1>
<p>What this development server has mailed, newest first. No mail leaves this machine.</p>
${list.join("\n") || "<p>Nothing yet. Register somebody.</p>"}</html>`;
}
