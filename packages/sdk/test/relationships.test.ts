import { startTestApp } from "@warble/server/test";
import { expect, it } from "vitest";
import { type LiveEvent, memoryStorage, type NotificationEvent, type RelationshipEvent } from "../src/index";
import { clientOf, comeIn, eventually } from "./people";

const app = startTestApp();
const fail = (error: unknown) => {
  throw error;
};

it("tells a listener of each change between the viewer and another, on every device", async () => {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  const phone = clientOf(app, memoryStorage(await alice.auth.tokens()));
  const told = new Map<string, RelationshipEvent[]>();
  const notified: NotificationEvent[] = [];
  let opened = 0;
  for (const [name, warble] of Object.entries({ phone, bob })) {
    const list: RelationshipEvent[] = [];
    told.set(name, list);
    warble.notifications.watch({
      onEvent: (event) => notified.push(event),
      onRelationship: (event) => list.push(event),
      onError: fail,
      onOpen: () => opened++,
    });
  }
  await eventually(() => opened === 2 || undefined, "both streams");
  await alice.api.users.follow.mutate({ id: bob.id });
  await eventually(() => notified.length === 1 || undefined, "bob's notification");
  await alice.api.users.unfollow.mutate({ id: bob.id });
  await eventually(() => [...told.values()].every((list) => list.length === 2) || undefined, "all changes");
  expect(told.get("phone")?.map(({ user }) => [user.id, user.viewer?.following])).toEqual([
    [bob.id, true],
    [bob.id, false],
  ]);
  expect(told.get("bob")?.map(({ user }) => [user.id, user.viewer?.followedBy])).toEqual([
    [alice.id, true],
    [alice.id, false],
  ]);
  expect(notified.map(({ notification }) => notification.type)).toEqual(["follow"]);
  phone.close();
  bob.close();
});

it("iterates over both kinds of events, or over notifications alone, and goes on after either", async () => {
  const [alice, bob] = [await comeIn(app, "alice"), await comeIn(app, "bob")];
  await alice.api.users.follow.mutate({ id: bob.id });
  await app.settled();
  const both: LiveEvent[] = [];
  for await (const event of bob.notifications.events({ lastEventId: "0" })) {
    both.push(event);
    if (both.length === 2) break;
  }
  expect(both.map((event) => ("user" in event ? event.user.id : event.notification.type))).toEqual([
    alice.id,
    "follow",
  ]);
  for await (const { id, notification } of bob.notifications.stream({ lastEventId: "0" })) {
    expect([id, notification.type]).toEqual([both[1]?.id, "follow"]);
    break;
  }
  for await (const event of bob.notifications.events({ lastEventId: both[0]?.id ?? "" })) {
    expect(event).toEqual(both[1]);
    break;
  }
});
