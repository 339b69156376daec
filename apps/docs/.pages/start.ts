import { stage } from "../test/stage"; const { alice, bob, mailed, console, printed } = await stage({"page":"start","people":["alice","bob"],"admins":[]}); void mailed;

























import { createWarble } from "@warble/sdk";

const warble = createWarble({ url: "http://localhost:43921" });
const me = await warble.auth.login({ identifier: "alice", password: "swifts over the harbour" });
console.log(`Signed in as @${me.username}`);
await printed("Signed in as @alice", 32);









const tweet = await warble.api.tweets.create.mutate({ content: "Hello @bob, this is #Warble" });
console.log(tweet.content, tweet.counts.likes);
await printed("Hello @bob, this is #Warble 0", 44);






const liked = await bob.api.tweets.like.mutate({ id: tweet.id });
console.log(liked.viewer.liked, liked.counts.likes);
await printed("true 1", 53);







for await (const item of warble.pages(warble.api.timelines.home.query, { limit: 50 })) {
  console.log(`@${item.tweet.author.username}: ${item.tweet.content}`);
}
await printed("@alice: Hello @bob, this is #Warble", 64);







const incoming = warble.notifications.stream();
await bob.api.comments.create.mutate({ tweetId: tweet.id, content: "Good to see you here!" });
for await (const { notification } of incoming) {
  if (notification.type !== "reply") continue;
  console.log(`${notification.actor.displayName} has answered`);
  break;
}
await printed("bob has answered", 79);



await bob.chat.connect();
bob.chat.on("message", (message) => console.log(message.content));
const { id } = await warble.api.users.get.query({ username: "bob" });
await warble.chat.send({ to: id, content: "Shall we meet?" });
await printed("Shall we meet?", 87);





warble.close();






