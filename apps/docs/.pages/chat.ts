import { stage } from "../test/stage"; const { steve, tara, uma, mailed, console, printed } = await stage({"page":"chat","people":["steve","tara","uma"],"admins":[]}); void mailed;











const { id: tarasId } = await steve.api.users.get.query({ username: "tara" });
const { id: stevesId } = await tara.api.users.get.query({ username: "steve" });

await tara.chat.connect();
tara.chat.on("message", ({ number, content }) => console.log(`${number}: ${content}`));

const first = await steve.chat.send({ to: tarasId, content: "Shall we watch the terns?" });
await printed("1: Shall we watch the terns?", 20);






await steve.chat.send(
  { conversationId: first.conversationId, content: "At noon?" },
  { signal: AbortSignal.timeout(60_000) },
);
await printed("2: At noon?", 31);








const requests = await tara.chat.requests();
console.log(requests.items.map(({ state, lastMessage }) => `${state}: ${lastMessage?.content}`));
await printed("[ 'request: At noon?' ]", 42);
const conversation = await tara.chat.accept(first.conversationId);
console.log(conversation.state);
await printed("active", 45);










const history = await tara.chat.history({ conversationId: first.conversationId });
console.log(history.items.map(({ content }) => content));
await printed("[ 'At noon?', 'Shall we watch the terns?' ]", 58);

await steve.chat.connect();
steve.chat.on("read", ({ userId, number }) =>
  console.log(userId === tarasId ? `read up to ${number}` : "myself"),
);
await tara.chat.read(first.conversationId, 2);
await printed("read up to 2", 65);

const { items } = await steve.chat.search({ query: "terns" });
console.log(items.length);
await printed("1", 69);








steve.chat.on("updated", ({ content, reactions }) =>
  console.log(
    content,
    reactions.map(({ emoji }) => emoji),
  ),
);
await tara.chat.react(first.id, "👍");
await printed("Shall we watch the terns? [ '👍' ]", 85);

const answer = await tara.chat.send({
  conversationId: first.conversationId,
  content: "Gladly",
  replyTo: first.id,
});
await printed("3: Gladly", 92);
console.log(answer.replyTo?.content);
await printed("Shall we watch the terns?", 94);
tara.chat.on("deleted", ({ number }) => console.log(`${number} is gone`));
await tara.chat.delete(answer.id, "all");
await printed("3 is gone", 97);









console.log((await steve.chat.presence([tarasId])).length);
await printed("1", 108);
steve.chat.on("typing", ({ userId }) => console.log(userId === tarasId ? "tara is typing" : "who?"));
await tara.chat.typing(first.conversationId);
await printed("tara is typing", 111);







const { id: umasId } = await steve.api.users.get.query({ username: "uma" });
const group = await steve.chat.createGroup("Tern watchers", [tarasId]);
const grown = await steve.chat.addMembers(group.id, [umasId]);
console.log(
  grown.title,
  grown.members.length,
  grown.roles.map(({ role }) => role),
);
await printed("Tern watchers 3 [ 'owner', 'member', 'member' ]", 127);

await steve.chat.setRole(group.id, tarasId, "admin");
await steve.chat.send({ conversationId: group.id, content: "Who brings the telescope?" });
await printed("1: Who brings the telescope?", 131);





tara.chat.on("left", (conversationId) => console.log(conversationId === group.id));
await tara.chat.leave(group.id);
await printed("true", 139);







const incoming = uma.chat.messages();
await uma.chat.connect();
const sending = steve.chat.send({ conversationId: group.id, content: "Nobody?" });
for await (const { content } of incoming) {
  console.log(content);
  break;
}
await printed("Nobody?", 154);
await sending;







