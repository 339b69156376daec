import { stage } from "../test/stage"; const { heidi, ivan, mailed, console, printed } = await stage({"page":"timelines","people":["heidi","ivan"],"admins":[]}); void mailed;











const { id } = await heidi.api.users.get.query({ username: "ivan" });
await heidi.api.users.follow.mutate({ id });
await ivan.api.tweets.create.mutate({ content: "Fog over the harbour" });
await heidi.api.tweets.create.mutate({ content: "Sun over the hills" });

const home = await heidi.api.timelines.home.query({});
for (const { tweet } of home.items) console.log(`@${tweet.author.username}: ${tweet.content}`);
await printed("@heidi: Sun over the hills", 20);
await printed("@ivan: Fog over the harbour", 21);












const [newest] = home.items;
await ivan.api.tweets.create.mutate({ content: "The fog has lifted" });

const again = await heidi.api.timelines.home.query({});
const known = again.items.findIndex(({ tweet }) => tweet.id === newest?.tweet.id);
for (const { tweet } of again.items.slice(0, known)) console.log(tweet.content);
await printed("The fog has lifted", 40);








import { createWarble } from "@warble/sdk";

const visitor = createWarble({ url: "http://localhost:43921" });
const written = await visitor.api.timelines.user.query({ username: "ivan" });
for (const { tweet } of written.items) console.log(tweet.content, tweet.viewer);
await printed("The fog has lifted null", 54);
await printed("Fog over the harbour null", 55);

const [{ tweet: liked } = { tweet: null }] = written.items;
if (liked) await heidi.api.tweets.like.mutate({ id: liked.id });
const likes = await visitor.api.timelines.user.query({ username: "heidi", filter: "likes" });
console.log(likes.items.length);
await printed("1", 61);



await ivan.api.tweets.create.mutate({ content: "First #swallow of the year" });
const tagged = await visitor.api.timelines.hashtag.query({ tag: "#Swallow" });
console.log(tagged.items[0]?.tweet.content);
await printed("First #swallow of the year", 68);

