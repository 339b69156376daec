import { stage } from "../test/stage"; const { carol, dan, mailed, console, printed } = await stage({"page":"tweets","people":["carol","dan"],"admins":[]}); void mailed;









const tweet = await carol.api.tweets.create.mutate({
  content: "Swifts are back! #birds, says @dan: https://example.com/swifts",
});
console.log(tweet.author.username, tweet.counts);
await printed("carol { likes: 0, retweets: 0, comments: 0 }", 15);
for (const { type, start, end } of tweet.entities) console.log(type, tweet.content.slice(start, end));
await printed("hashtag #birds", 17);
await printed("mention @dan", 18);
await printed("url https://example.com/swifts", 19);











await dan.api.tweets.like.mutate({ id: tweet.id });
const { counts, viewer } = await dan.api.tweets.like.mutate({ id: tweet.id });
console.log(counts.likes, viewer);
await printed("2 { liked: true, retweeted: false }", 34);

await dan.api.tweets.retweet.mutate({ id: tweet.id });
for await (const user of carol.pages(carol.api.tweets.retweeters.query, { id: tweet.id })) {
  console.log(`retweeted by ${user.displayName}`);
}
await printed("retweeted by dan", 40);
await dan.api.tweets.unretweet.mutate({ id: tweet.id });







await carol.api.tweets.update.mutate({ id: tweet.id, contents: "Swifts are back, two days early! #birds" });
const { items } = await dan.api.tweets.history.query({ id: tweet.id });
for (const { version, content } of items) console.log(version, content);
await printed("1 Swifts are back, two days early! #birds", 52);
await printed("0 Swifts are back! #birds, says @dan: https://example.com/swifts", 53);





import { isWarbleError } from "@warble/sdk";

await carol.api.tweets.delete.mutate({ id: tweet.id });
try {
  await dan.api.tweets.get.query({ id: tweet.id });
} catch (error) {
  if (isWarbleError(error)) console.log(error.reason);
}
await printed("TWEET_NOT_FOUND", 67);








