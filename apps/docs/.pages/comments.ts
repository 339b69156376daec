import { stage } from "../test/stage"; const { judy, kim, mailed, console, printed } = await stage({"page":"comments","people":["judy","kim"],"admins":[]}); void mailed;








const tweet = await judy.api.tweets.create.mutate({ content: "Which gull is this?" });
const guess = await kim.api.comments.create.mutate({ tweetId: tweet.id, content: "A herring gull" });
const doubt = await judy.api.comments.create.mutate({
  tweetId: tweet.id,
  parentId: guess.id,
  content: "With yellow legs?",
});
await kim.api.comments.create.mutate({
  tweetId: tweet.id,
  parentId: doubt.id,
  content: "Then it is another",
});









const list = await judy.api.comments.list.query({ tweetId: tweet.id, sort: "oldest" });
for (const comment of list.items) {
  if ("content" in comment) console.log(comment.content, comment.counts.replies);
}
await printed("A herring gull 1", 35);

const thread = await kim.api.comments.thread.query({ id: doubt.id });
console.log(thread.ancestors.length, thread.replies.items.length);
await printed("1 1", 39);








await kim.api.comments.delete.mutate({ id: guess.id });
const { ancestors } = await judy.api.comments.thread.query({ id: doubt.id });
for (const comment of ancestors) {
  console.log("unavailable" in comment ? `(${comment.unavailable})` : comment.content);
}
await printed("(deleted)", 53);







const rude = await kim.api.comments.create.mutate({ tweetId: tweet.id, content: "Who cares about gulls" });
await judy.api.comments.hide.mutate({ id: rude.id });
const { items } = await judy.api.comments.list.query({ tweetId: tweet.id });
for (const comment of items) {
  if ("unavailable" in comment) console.log(comment.unavailable);
}
await printed("hidden", 67);
await printed("deleted", 68);
await judy.api.comments.unhide.mutate({ id: rude.id });





const state = await judy.api.comments.like.mutate({ id: rude.id });
console.log(state.counts.likes, state.viewer.liked);
await printed("1 true", 77);

