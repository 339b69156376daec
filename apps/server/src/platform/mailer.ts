import { createTransport, type Transporter } from "nodemailer";
import type { Jobs } from "./jobs";
import type { TokenKeys } from "./token";

const LANE = "mail";
const JOB = "mail.send";
const CONNECT_MS = 5_000;
const SOCKET_MS = 15_000;

/** One mail to one person. */
export interface Mail {
  to: string;
  toName: string;
  subject: string;
  text: string;
  /** After this moment it says nothing that still holds, so it is not sent. */
  expiresAt?: Date;
}

/** Stores a mail in the transaction of its cause; the queue sends it, however long the SMTP server is away. */
export async function queueMail(
  { jobs, tokens }: { jobs: Jobs; tokens: TokenKeys },
  mail: Mail,
): Promise<void> {
  const { expiresAt, ...content } = mail;
  // Mails hold links and codes: what waits in the database is sealed.
  const payload = { sealed: await tokens.seal(content) };
  await jobs.add([{ name: JOB, lane: LANE, payload, ...(expiresAt && { expiresAt }) }]);
}

interface MailerOptions {
  smtpUrl: string;
  from: string;
  jobs: Jobs;
  tokens: TokenKeys;
}

/** Sends queued mails over SMTP. @returns what to call when the server ends */
export function startMailer({ smtpUrl, from, jobs, tokens }: MailerOptions): () => void {
  const transport: Transporter = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 4,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? "warble.localhost";
  jobs.handle(JOB, async ({ sealed }: { sealed: string }, { id }) => {
    const mail = await tokens.unseal<Omit<Mail, "expiresAt">>(sealed);
    await transport.sendMail({
      // The same id at every try: a mail that was taken although the answer got lost can be told by it.
      messageId: `<${id}@${domain}>`,
      from,
      // An object, never a string: a string may hold more than one recipient.
      to: { name: mail.toName, address: mail.to },
      subject: mail.subject,
      text: mail.text,
    });
  });
  jobs.start([LANE]);
  return () => transport.close();
}
