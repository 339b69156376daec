import { startTestApp } from "@warble/server/test";
import { expect, it } from "vitest";
import type { Conversation, Message } from "../src/index";
import { comeIn, eventually } from "./people";

const app = startTestApp();

it("makes a group, says who is in it and as what, and catches up in it", async () => {
  const [alice, bob, carol] = await Promise.all(["alice", "bob", "carol"].map((role) => comeIn(app, role)));
  if (!alice || !bob || !carol) throw new Error("nobody came");
  await bob.api.users.follow.mutate({ id: alice.id });
  const [received, told, left] = [[] as Message[], [] as Conversation[], [] as string[]];
  await bob.chat.connect();
  bob.chat.on("message", (message) => received.push(message));
  bob.chat.on("conversation", (conversation) => told.push(conversation));
  bob.chat.on("left", (conversationId) => left.push(conversationId));

  const group = await alice.chat.createGroup(" Birds ", [bob.id]);
  expect(group).toMatchObject({
    kind: "group",
    title: "Birds",
    roles: [{ role: "owner" }, { role: "member" }],
  });
  expect(await alice.chat.createGroup("Birds", [bob.id], "mine")).toEqual(
    await alice.chat.createGroup("Birds", [bob.id], "mine"),
  );
  await alice.chat.send({ conversationId: group.id, content: "one" });
  await eventually(() => received.length === 1 || undefined, "the first message");
  bob.chat.disconnect();
  await alice.chat.addMembers(group.id, [carol.id]);
  await carol.chat.send({ conversationId: group.id, content: "two" });
  expect((await carol.chat.history({ conversationId: group.id })).items).toMatchObject([{ number: 2 }]);
  await alice.chat.rename(group.id, "Early birds");
  await alice.chat.setRole(group.id, bob.id, "owner");
  await bob.chat.connect();
  await eventually(() => told.at(-1)?.roles[1]?.role === "owner" || undefined, "bob's new role");
  expect(received.map(({ content }) => content)).toEqual(["one", "two"]);
  expect(told.at(-1)).toMatchObject({ title: "Early birds", members: [{}, {}, { username: carol.name }] });

  await bob.chat.removeMember(group.id, carol.id);
  await bob.chat.leave(group.id);
  await eventually(() => left.includes(group.id) || undefined, "bob's leaving");
  await expect(bob.chat.send({ conversationId: group.id, content: "?" })).rejects.toMatchObject({
    reason: "CONVERSATION_NOT_FOUND",
  });
  const [last] = (await alice.chat.conversations()).items.filter(({ id }) => id === group.id);
  expect(last?.roles).toEqual([{ userId: alice.id, role: "owner" }]);
  for (const warble of [alice, bob, carol]) warble.close();
});
