import { stage } from "../test/stage"; const { quinn, ruth, mailed, console, printed } = await stage({"page":"notifications","people":["quinn","ruth"],"admins":[]}); void mailed;















const stream = quinn.notifications.stream();
const tweet = await quinn.api.tweets.create.mutate({ content: "A wren in the hedge" });
await ruth.api.tweets.like.mutate({ id: tweet.id });
await ruth.api.comments.create.mutate({ tweetId: tweet.id, content: "So small and so loud" });

const types: string[] = [];
for await (const { notification } of stream) {
  types.push(`${notification.type} by @${notification.actor.username}`);
  if (types.length === 2) break;
}
console.log(types.sort());
await printed("[ 'like by @ruth', 'reply by @ruth' ]", 28);





const { id } = await ruth.api.users.get.query({ username: "quinn" });
let stop = () => {};
await new Promise<void>((opened) => {
  stop = quinn.notifications.watch({
    onOpen: opened,
    onEvent: ({ notification }) => console.log(notification.type),
    onRelationship: ({ user }) => console.log(`@${user.username}`, user.viewer?.followedBy),
    onError: (error) => console.log(error.reason),
  });
});
await ruth.api.users.follow.mutate({ id });
await printed("@ruth true", 45);
await printed("follow", 46);
stop();








const { count, more } = await quinn.api.notifications.unreadCount.query();
console.log(count, more);
await printed("3 false", 58);

const list = await quinn.api.notifications.list.query({});
const [latest] = list.items;
console.log(latest?.type, latest?.read);
await printed("follow false", 63);

if (latest) await quinn.api.notifications.markRead.mutate({ upTo: latest.id });
console.log((await quinn.api.notifications.unreadCount.query()).count);
await printed("0", 67);










const { lastEventId } = await ruth.api.notifications.unreadCount.query();
await ruth.api.notifications.list.query({});
await quinn.api.users.follow.mutate({ id: (await quinn.api.users.get.query({ username: "ruth" })).id });
for await (const { notification } of ruth.notifications.stream({ lastEventId })) {
  console.log(notification.type);
  break;
}
await printed("follow", 85);




