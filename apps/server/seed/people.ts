import { createAccount, proveAddress } from "../src/features/auth/account.service";
import { sendMessage } from "../src/features/chat/message-send.service";
import { changeUser, createUser, findUsersByName } from "../src/features/users/user.service";
import type { App, Viewer } from "../src/platform/context";
import { newId } from "../src/platform/id";
import { transaction } from "../src/platform/mongo";
import { callAs, contextOf } from "./caller";

/** What all demo people sign in with. */
export const DEMO_PASSWORD = "swifts over the harbour";

const PEOPLE = {
  alice: { displayName: "Alice Finch", bio: "Counts birds before breakfast.", location: "By the harbour" },
  bob: { displayName: "Bob Marsh", bio: "Mostly gulls.", location: "On the pier" },
  carol: { displayName: "Carol Wren", bio: "I write about small things that fly.", location: "Up the hill" },
  dan: { displayName: "Dan Heron", bio: "New here.", location: "" },
};
type Name = keyof typeof PEOPLE;
type People = Record<Name, Viewer>;

/**
 * Gives a new development database people to look at: alice, bob, carol and dan, verified, who follow each other
 * and talk. Where one of them exists it does nothing.
 * @returns whether it did something
 * @throws in production
 */
export async function seedPeople(app: App): Promise<boolean> {
  if (app.config.production) throw new Error("Demo people have a known password: never in production.");
  if ((await findUsersByName(Object.keys(PEOPLE))).length > 0) return false;
  const people = await createPeople(app);
  await letThemFollow(app, people);
  await letThemTweet(app, people);
  await letThemChat(app, people);
  return true;
}

async function createPeople(app: App): Promise<People> {
  const passwordHash = await app.passwords.hash(DEMO_PASSWORD);
  return transaction(async () => {
    const people: Partial<People> = {};
    for (const [username, { displayName, bio, location }] of Object.entries(PEOPLE)) {
      const { _id } = await createUser(username, displayName);
      await createAccount(_id, { email: `${username}@example.com`, passwordHash });
      await proveAddress(_id);
      await changeUser(String(_id), { bio, location });
      people[username as Name] = {
        id: String(_id),
        username,
        sessionId: String(newId()),
        role: "user",
        emailVerified: true,
      };
    }
    return people as People;
  });
}

async function letThemFollow(app: App, people: People): Promise<void> {
  const follows: [Name, Name[]][] = [
    ["bob", ["alice", "carol"]],
    ["carol", ["alice", "dan"]],
    ["dan", ["alice"]],
    ["alice", ["bob", "carol"]],
  ];
  for (const [from, others] of follows) {
    for (const to of others) await callAs(app, people[from]).users.follow({ id: people[to].id });
  }
}

async function letThemTweet(app: App, people: People): Promise<void> {
  const as = (name: Name) => callAs(app, people[name]);
  const swifts = await as("alice").tweets.create({
    content: "First swifts of the year over the harbour! #birds #spring",
  });
  await as("bob").tweets.create({ content: "@alice Where exactly? I only ever see gulls. #birds" });
  const guide = await as("carol").tweets.create({
    content: "How to tell a swift from a swallow: https://example.com/swifts #birds",
  });
  await as("dan").tweets.create({ content: "Hello, everybody. Whom should I follow?" });
  await as("alice").tweets.create({ content: "Welcome, @dan! Start with @carol. #introductions" });

  const tweetId = guide.id;
  const question = await as("bob").comments.create({
    tweetId,
    content: "And how do I tell either from a gull?",
  });
  await as("carol").comments.create({
    tweetId,
    parentId: question.id,
    content: "@bob It does not eat your lunch.",
  });
  await as("alice").comments.like({ id: question.id });
  for (const name of ["bob", "carol", "dan"] as const) await as(name).tweets.like({ id: swifts.id });
  await as("alice").tweets.like({ id: guide.id });
  await as("alice").tweets.retweet({ id: guide.id });
}

async function letThemChat(app: App, people: People): Promise<void> {
  const say = (from: Name, to: Name, content: string) =>
    sendMessage(contextOf(app, people[from]), { clientId: String(newId()), to: people[to].id, content });
  await say("bob", "alice", "The harbour at six tomorrow?");
  await say("alice", "bob", "I will bring the binoculars.");
  await say("bob", "alice", "And I will bring my lunch.");
}
