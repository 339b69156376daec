// The main job from end to end: two people, one backend, one SDK. Exits with 1 when a step is not as promised.
import { isWarbleError, type Message } from "../src/index";
import { cast, mailedTo, openStage, type Person, type Stage } from "./stage";
import { arrival, expect, played, step } from "./story";

const stage = await openStage();
try {
  const [alice, bob] = [cast(stage, "alice"), cast(stage, "bob")];
  await comeIn(stage, alice);
  await comeIn(stage, bob);
  const tweetId = await tweetAndNotice(alice, bob);
  await answerEachOther({ alice, bob, tweetId });
  await find(alice, bob);
  await talk(alice, bob);
  await forgetThePassword(stage, alice);
  alice.warble.close();
  bob.warble.close();
  console.log(`\nAll ${played()} steps were as promised.`);
} catch (error) {
  console.error("\nThe story broke off:", error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stage.close();
  process.exit();
}

async function comeIn(stage: Stage, person: Person): Promise<void> {
  const { name, email, password, warble } = person;
  await step(
    `${name} registers`,
    () => warble.auth.register({ username: name, email, password }),
    () => "accepted; a mail is on its way",
  );
  const token = await step(
    `${name} opens the mail`,
    () => mailedTo(stage, email, /verify-email\?token=([\w-]+)/),
    (found) => `a link with a token of ${found.length} characters`,
  );
  await step(
    `${name} verifies the address`,
    () => warble.auth.verifyEmail(token),
    () => "verified",
  );
  const me = await step(
    `${name} signs in`,
    () => warble.auth.login({ identifier: name, password, device: "the demo" }),
    (user) => `@${user.username}, e-mail verified: ${user.emailVerified}`,
  );
  expect("a verified user signs in", me.emailVerified);
}

async function tweetAndNotice(alice: Person, bob: Person): Promise<string> {
  const { id } = await bob.warble.api.users.get.query({ username: alice.name });
  const follow = await step(
    "bob follows alice",
    () => bob.warble.api.users.follow.mutate({ id }),
    ({ counts }) => `alice has ${counts.followers} follower`,
  );
  expect("the edge and the counter moved together", follow.viewer.following && follow.counts.followers === 1);

  const open = arrival<void>("bob's stream");
  const noticed = arrival<{ type: string; ms: number }>("bob's notification");
  let sentAt = 0;
  const stop = bob.warble.notifications.watch({
    onOpen: () => open.done(),
    onEvent: ({ notification: { type } }) => noticed.done({ type, ms: performance.now() - sentAt }),
    onError: (error) => console.error("stream:", error.message),
  });
  await step(
    "bob listens for notifications",
    () => open.promise,
    () => "the stream is open",
  );
  const content = `Hello @${bob.name}, this is #Warble: https://example.com/hello`;
  const tweet = await step(
    "alice tweets a mention, a hashtag and a link",
    () => {
      sentAt = performance.now();
      return alice.warble.api.tweets.create.mutate({ content });
    },
    ({ entities }) => entities.map(({ type, start, end }) => `${type} ${start}–${end}`).join(", "),
  );
  expect("all three entities are found", tweet.entities.length === 3);
  const live = await step(
    "bob's notification arrives live",
    () => noticed.promise,
    ({ type, ms }) => `${type}, ${ms.toFixed(0)} ms after alice sent it`,
  );
  expect("it is the mention", live.type === "mention");
  stop();
  const home = await step(
    "bob reads his home timeline",
    () => bob.warble.api.timelines.home.query({}),
    ({ items }) => items.map((item) => `@${item.tweet.author.username}: ${item.tweet.content}`).join(" | "),
  );
  expect("it shows alice's tweet", home.items[0]?.tweet.id === tweet.id);
  return tweet.id;
}

async function answerEachOther({
  alice,
  bob,
  tweetId,
}: {
  alice: Person;
  bob: Person;
  tweetId: string;
}): Promise<void> {
  const liked = await step(
    "bob likes it",
    () => bob.warble.api.tweets.like.mutate({ id: tweetId }),
    ({ counts }) => `${counts.likes} like`,
  );
  expect("liking twice changes nothing", liked.counts.likes === 1);
  const comment = await step(
    "bob comments",
    () => bob.warble.api.comments.create.mutate({ tweetId, content: "Hello to you too!" }),
    ({ author, content }) => `@${author.username}: ${content}`,
  );
  await step(
    "bob retweets it",
    () => bob.warble.api.tweets.retweet.mutate({ id: tweetId }),
    ({ counts }) => `${counts.retweets} retweet`,
  );
  await step(
    "alice answers in the thread",
    () =>
      alice.warble.api.comments.create.mutate({
        tweetId,
        parentId: comment.id,
        content: "Glad that you are here.",
      }),
    ({ parentId }) => `an answer to ${parentId}`,
  );
  const thread = await step(
    "bob reads the thread",
    () => bob.warble.api.comments.thread.query({ id: comment.id }),
    ({ replies }) => `${replies.items.length} answer below his comment`,
  );
  expect("alice's answer is there", thread.replies.items.length === 1);
}

async function find(alice: Person, bob: Person): Promise<void> {
  const users = await step(
    "bob searches for alice",
    () => bob.warble.api.search.users.query({ query: alice.name.slice(0, 9) }),
    ({ items }) => items.map((user) => `@${user.username}`).join(", "),
  );
  expect(
    "alice is found",
    users.items.some((user) => user.username === alice.name),
  );
  const tweets = await step(
    "alice searches for the hashtag",
    () => alice.warble.api.search.tweets.query({ query: `#warble from:${alice.name}` }),
    ({ items }) => `${items.length} tweet`,
  );
  expect("the tweet is found", tweets.items.length === 1);
}

async function talk(alice: Person, bob: Person): Promise<void> {
  const { id } = await alice.warble.api.users.get.query({ username: bob.name });
  const received: Message[] = [];
  await bob.warble.chat.connect();
  bob.warble.chat.on("message", (message) => received.push(message));
  const first = await step(
    "alice writes to bob over the socket",
    () => alice.warble.chat.send({ to: id, content: "Shall we meet?" }),
    ({ number, content }) => `message ${number}: ${content}`,
  );
  await step(
    "bob receives it",
    () => until(() => received.length === 1),
    () => received.map(({ content }) => content).join(" | "),
  );
  await step(
    "bob drops off, and alice writes on",
    async () => {
      bob.warble.chat.disconnect();
      for (const content of ["At noon?", "At the fountain.", "Bring the map."]) {
        await alice.warble.chat.send({ conversationId: first.conversationId, content });
      }
    },
    () => "three messages while bob is away",
  );
  await step(
    "bob comes back",
    async () => {
      await bob.warble.chat.connect();
      await until(() => received.length >= 4);
    },
    () => received.map(({ number, content }) => `${number}: ${content}`).join(" | "),
  );
  expect(
    "nothing is missing, double or out of order",
    received.map(({ number }) => number).join() === "1,2,3,4",
  );
}

async function forgetThePassword(stage: Stage, alice: Person): Promise<void> {
  const { warble, email, name } = alice;
  const code = await step(
    "alice asks for a new password",
    async () => {
      await warble.auth.requestPasswordReset(email);
      return mailedTo(stage, email, /\b(\d{6})\b/);
    },
    (digits) => `the mail holds a code of ${digits.length} digits`,
  );
  const password = `${crypto.randomUUID()} anew`;
  await step(
    "alice sets it with the code",
    async () => {
      const ticket = await warble.auth.verifyPasswordResetCode(email, code);
      await warble.auth.resetPassword({ ticket, password });
    },
    () => "changed; every session has ended",
  );
  const refused = await step(
    "the old session is refused",
    () => warble.api.auth.me.query().catch((error: unknown) => error),
    (error) => (isWarbleError(error) ? error.reason : "it was not"),
  );
  expect("no session outlives a reset", isWarbleError(refused, "NOT_SIGNED_IN"));
  await step(
    "alice signs in with the new one",
    () => warble.auth.login({ identifier: name, password }),
    (user) => `@${user.username}`,
  );
}

async function until(isTrue: () => boolean, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`nothing came within ${ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
