import type { StreamEvent } from "@warble/contracts";
import { expect } from "vitest";
import { contextOf } from "../../seed/caller";
import { streamNotifications } from "../../src/features/notifications/stream.service";
import { freshViewer } from "./leaving-moves";
import { allOf } from "./move";
import type { Person, World } from "./world";

/** Whoever follows their stream from its beginning is told of all that their list holds, and of nothing else. */
export async function expectSameNews(world: World): Promise<void> {
  const last = await world.newPerson();
  for (const me of world.people) {
    const told = await streamOf(world, me, last);
    const listed = await allOf((cursor) =>
      me.caller.notifications.list({ limit: 50, ...(cursor && { cursor }) }),
    );
    const ids = listed.filter(({ actor }) => actor.id !== last.id).map(({ id }) => id);
    expect([...new Set(told)].sort()).toEqual(ids.sort());
  }
}

/** The notifications that a stream brings until somebody follows who never did anything before. */
async function streamOf(world: World, me: Person, last: Person): Promise<string[]> {
  await last.caller.users.follow({ id: me.id });
  await world.app.settled();
  const life = new AbortController();
  const ctx = contextOf(world.app.running.app, await freshViewer(world, me));
  const told: string[] = [];
  for await (const [, event] of await streamNotifications(ctx, { lastEventId: "0" }, life.signal)) {
    if (whoseOf(event) === last.id) break;
    if (event.type !== "relationship") told.push(event.id);
  }
  life.abort();
  return told;
}

const whoseOf = (event: StreamEvent): string =>
  event.type === "relationship" ? event.user.id : event.actor.id;
