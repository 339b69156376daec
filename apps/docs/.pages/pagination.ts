import { stage } from "../test/stage"; const { bea, mailed, console, printed } = await stage({"page":"pagination","people":["bea"],"admins":[]}); void mailed;









for (const content of ["one", "two", "three", "four", "five"]) {
  await bea.api.tweets.create.mutate({ content });
}

const first = await bea.api.timelines.user.query({ username: "bea", limit: 2 });
console.log(first.items.map(({ tweet }) => tweet.content));
await printed("[ 'five', 'four' ]", 17);

const cursor = first.nextCursor;
const second = cursor ? await bea.api.timelines.user.query({ username: "bea", limit: 2, cursor }) : null;
console.log(second?.items.map(({ tweet }) => tweet.content));
await printed("[ 'three', 'two' ]", 22);











const contents: string[] = [];
for await (const { tweet } of bea.pages(bea.api.timelines.user.query, { username: "bea", limit: 2 })) {
  contents.push(tweet.content);
  if (contents.length === 3) break;
}
console.log(contents);
await printed("[ 'five', 'four', 'three' ]", 40);



const ended = new AbortController();
const options = { signal: ended.signal };
let seen = 0;
for await (const _item of bea.pages(bea.api.timelines.user.query, { username: "bea", limit: 2 }, options)) {
  seen++;
  ended.abort();
}
console.log(seen);
await printed("2", 52);









import { isWarbleError } from "@warble/sdk";

try {
  await bea.api.timelines.user.query({ username: "bea", cursor: "made up" });
} catch (error) {
  if (isWarbleError(error, "BAD_CURSOR")) console.log("from the beginning");
}
await printed("from the beginning", 69);

