import type { Conversation, Page, Session } from "@warble/contracts";
import { afterEach, expect, test, vi } from "vitest";
import type { ChatClient } from "../chat-client";
import { startTestApp } from "../harness";
import { closeStreams, stream as openStream, type StreamClient } from "../stream-client";
import { closeClients, PASSWORD, type Person, someNetwork, visit } from "./client";

const app = startTestApp();
const { call, ask, login, signIn, join, chat, resetCode, verificationToken } = visit(app);
afterEach(() => {
  closeClients();
  closeStreams();
});

const NEW_PASSWORD = "seven herons walk home";
const SECOND_MS = 1_000;

/** How a session ends, by whom it may be: its holder, another device of theirs, or an administrator. */
type Ending = (who: { held: Person; other: Person; root: { accessToken: string } }) => Promise<unknown>;

const ENDINGS: Record<string, Ending> = {
  "signs out": ({ held }) => call("auth.logout", undefined, { by: held }),
  "is signed out by another device": async ({ other }) => {
    const { data } = await ask<Page<Session>>("auth.sessions", {}, { by: other });
    const { id } = data.items.find(({ current }) => !current)!;
    return call("auth.revokeSession", { id }, { by: other });
  },
  "is signed out with all others": ({ other }) => call("auth.logoutOthers", undefined, { by: other }),
  "changes the password elsewhere": ({ other }) =>
    call("auth.changePassword", { currentPassword: PASSWORD, password: NEW_PASSWORD }, { by: other }),
  "resets the password": async ({ held: { email } }) => {
    await call("auth.requestPasswordReset", { email });
    const code = await resetCode(email);
    const { data } = await call<{ ticket: string }>("auth.verifyPasswordResetCode", { email, code });
    return call("auth.resetPassword", { ...data, password: NEW_PASSWORD });
  },
  "is suspended": ({ held, root }) =>
    call("moderation.suspend", { userId: held.id, reason: "spam" }, { by: root }),
  "is signed out by an administrator": ({ held, root }) =>
    call("moderation.endSessions", { userId: held.id }, { by: root }),
  "changes the address elsewhere": async ({ other }) => {
    const email = `new.${other.email}`;
    await call("auth.requestEmailChange", { email, password: PASSWORD }, { by: other });
    return call("auth.confirmEmailChange", { token: await verificationToken(email) });
  },
  "deactivates the account": ({ other }) => call("users.deactivate", undefined, { by: other }),
  "deletes the account": ({ other }) => call("users.deleteAccount", { password: PASSWORD }, { by: other }),
};

let people = 0;

/** Somebody with a socket and a stream open, to whom both have brought something. */
async function listening() {
  people++;
  const [bob, held] = [await join(`bob_${people}`), await join(`alice_${people}`)];
  await call("users.follow", { id: bob.id }, { by: held });
  const [speaker, socket, stream] = [await chat(bob), await chat(held), await listen(held)];
  const act = async (n: number) => {
    await call("tweets.create", { content: `hello @${held.username} ${n}` }, { by: bob });
    await speaker.raw("chat:send", { clientId: `${n}`, to: held.id, content: `hello ${n}` });
  };
  await act(1);
  await vi.waitFor(() => expect(frames(socket, stream)).toMatchObject([1, 2]), { timeout: 5_000 });
  return { held, socket, stream, act };
}

const listen = ({ accessToken }: Person) => openStream(app, { token: accessToken });
const frames = (socket: ChatClient, stream: StreamClient) => [
  socket.messages().length,
  stream.received.length,
];

test.each(Object.keys(ENDINGS))(
  "when somebody %s, socket and stream end and bring nothing more",
  async (how) => {
    await app.setRole("root", "admin");
    const root = { accessToken: await app.tokenFor("root") };
    const { held, socket, stream, act } = await listening();
    const other = await signIn(held.username);
    const before = frames(socket, stream);
    expect(await ENDINGS[how]!({ held, other, root })).toMatchObject({ status: 200 });
    await vi.waitFor(
      () => expect([socket.socket.connected, stream.ended()]).toEqual([false, "NOT_SIGNED_IN"]),
      {
        timeout: SECOND_MS,
        interval: 10,
      },
    );
    await act(2);
    await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
    expect(frames(socket, stream)).toEqual(before);
    await expect(chat(held)).rejects.toMatchObject({ reason: "NOT_SIGNED_IN" });
    const again = await listen(held);
    await vi.waitFor(() => expect(again.ended()).toBe("NOT_SIGNED_IN"));
  },
);

test("a sign-in at the moment of a suspension leaves no session behind", async () => {
  await app.setRole("root", "admin");
  const by = { accessToken: await app.tokenFor("root") };
  const { id, username } = await join("racer");
  const logins = Array.from({ length: 12 }, () => login(username, PASSWORD, someNetwork()));
  const suspend = () => call("moderation.suspend", { userId: id, reason: "spam" }, { by });
  const [, ...answers] = await Promise.all([suspend(), ...logins]);
  expect(new Set(answers.map(({ status, reason }) => reason ?? status))).not.toContain("INTERNAL");
  await call("moderation.unsuspend", { userId: id }, { by });
  // Whoever was signed in before is out, and whoever was let in meanwhile is, too.
  for (const { data } of answers)
    if (data) expect((await ask("auth.me", undefined, { by: data.tokens })).status).toBe(401);
});

test("a conversation goes on for the device that is still signed in", async () => {
  const { held, socket, act } = await listening();
  const other = await signIn(held.username);
  const still = await chat(other);
  await call("auth.logout", undefined, { by: held });
  await act(2);
  await vi.waitFor(() => expect(still.messages()).toHaveLength(1));
  expect(socket.messages()).toHaveLength(1);
  const { data } = await ask<Page<Conversation>>("chat.conversations", {}, { by: other });
  expect(data.items[0]?.lastMessage?.content).toBe("hello 2");
});
