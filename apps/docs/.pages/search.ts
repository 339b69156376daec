import { stage } from "../test/stage"; const { liam, mia, noah, olga, pia, mailed, console, printed } = await stage({"page":"search","people":["liam","mia","noah","olga","pia"],"admins":[]}); void mailed;










await mia.api.users.update.mutate({ displayName: "Mia Kestrel" });
const { items } = await liam.api.search.users.query({ query: "kestrl" });
console.log(items.map((user) => user.displayName));
await printed("[ 'Mia Kestrel' ]", 15);






const { users, hashtags } = await liam.api.search.suggest.query({ query: "@mi" });
console.log(
  users.some((user) => user.username === "mia"),
  hashtags.length,
);
await printed("true 0", 27);








await mia.api.tweets.create.mutate({ content: "A kestrel hovers over the wheat field #falconry" });
await noah.api.tweets.create.mutate({ content: "The wheat is ripe #falconry" });

const found = await liam.api.search.tweets.query({ query: "wheat #falconry -ripe" });
console.log(found.items.map(({ content }) => content));
await printed("[ 'A kestrel hovers over the wheat field #falconry' ]", 41);

const hers = await liam.api.search.tweets.query({ query: '"wheat field"', from: "mia", sort: "top" });
console.log(hers.items.length);
await printed("1", 45);











const tags = await liam.api.search.hashtags.query({ query: "falc" });
for (const { tag, uses, history } of tags.items) console.log(tag, uses, history[0]?.accounts);
await printed("falconry 2 2", 59);





for (const person of [liam, mia, noah, olga, pia]) {
  await person.api.tweets.create.mutate({ content: "They are here! #firstswift" });
}

async function trends(): Promise<string[]> {
  const { items } = await liam.api.search.trends.query({});
  return items.map(({ tag }) => tag);
}

while (!(await trends()).includes("firstswift")) await new Promise((resolve) => setTimeout(resolve, 2_000));
console.log("#firstswift trends");
await printed("#firstswift trends", 76);



