import type { CommentOrTombstone, ThreadNode } from "@warble/contracts";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { profiled } from "../../../test/profile";

const app = startTestApp();
const suspension = { reason: "spam", until: null };
const SORTS = ["newest", "oldest", "liked"] as const;

async function tweetOf(name: string): Promise<string> {
  return (await (await app.as(name)).tweets.create({ content: "a tweet" })).id;
}

async function commentOf(name: string, tweetId: string, parentId?: string): Promise<string> {
  const answered = parentId === undefined ? {} : { parentId };
  return (await (await app.as(name)).comments.create({ tweetId, ...answered, content: `by ${name}` })).id;
}

async function deleteComment(name: string, id: string): Promise<void> {
  await (await app.as(name)).comments.delete({ id });
}

async function several(count: number, make: () => Promise<string>): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await make());
  return ids;
}

const idsOf = (items: CommentOrTombstone[]) => items.map((item) => item.id);

async function listed(tweetId: string): Promise<CommentOrTombstone[]> {
  return (await app.anonymous.comments.list({ tweetId, sort: "oldest" })).items;
}

async function walk(
  read: (cursor: string | undefined) => Promise<{ items: CommentOrTombstone[]; nextCursor: string | null }>,
  cursor?: string,
): Promise<string[]> {
  const page = await read(cursor);
  return [...idsOf(page.items), ...(page.nextCursor ? await walk(read, page.nextCursor) : [])];
}

describe("comments.list and comments.replies", () => {
  it("go newest, oldest or most liked first, each in pages", async () => {
    const tweetId = await tweetOf("alice");
    const [first, second, third, fourth] = await several(4, () => commentOf("bob", tweetId));
    for (const name of ["alice", "bob"]) await (await app.as(name)).comments.like({ id: second! });
    await (await app.as("alice")).comments.like({ id: fourth! });
    const orders = { newest: [fourth, third, second, first], oldest: [first, second, third, fourth] };
    for (const sort of SORTS) {
      const all = await walk((cursor) =>
        app.anonymous.comments.list({ tweetId, sort, limit: 1, ...(cursor && { cursor }) }),
      );
      expect(all).toEqual(sort === "liked" ? [second, fourth, third, first] : orders[sort]);
    }
    expect(idsOf((await app.anonymous.comments.list({ tweetId })).items)).toEqual(orders.newest);
  });

  it("list direct answers only", async () => {
    const tweetId = await tweetOf("alice");
    const parent = await commentOf("bob", tweetId);
    const [first, second] = await several(2, () => commentOf("carol", tweetId, parent));
    await commentOf("dan", tweetId, first);
    expect(idsOf(await listed(tweetId))).toEqual([parent]);
    expect(idsOf((await app.anonymous.comments.replies({ id: parent })).items)).toEqual([first, second]);
    const newest = await app.anonymous.comments.replies({ id: parent, sort: "newest" });
    expect(idsOf(newest.items)).toEqual([second, first]);
  });

  it.each(SORTS)("pages by %s hold while others write", async (sort) => {
    const tweetId = await tweetOf("alice");
    const before = await several(9, () => commentOf("bob", tweetId));
    let writes = 4;
    const seen = await walk(async (cursor) => {
      const page = await app.anonymous.comments.list({ tweetId, sort, limit: 2, ...(cursor && { cursor }) });
      if (writes-- > 0) await commentOf("carol", tweetId);
      return page;
    });
    expect(seen.filter((id) => before.includes(id)).sort()).toEqual(before.sort());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it.each(SORTS)("pages by %s hold every comment once, whatever their size and likes", async (sort) => {
    const tweetId = await tweetOf("alice");
    const all = await several(7, () => commentOf("bob", tweetId));
    for (const id of all.slice(2, 5)) await (await app.as("carol")).comments.like({ id });
    for (const limit of [1, 2, 3]) {
      const seen = await walk((cursor) =>
        app.anonymous.comments.list({ tweetId, sort, limit, ...(cursor && { cursor }) }),
      );
      expect(seen).toHaveLength(7);
      expect([...seen].sort()).toEqual([...all].sort());
    }
  });

  it("refuse cursors that were made up, or by another order", async () => {
    const tweetId = await tweetOf("alice");
    const parent = (await several(3, () => commentOf("bob", tweetId)))[0]!;
    await several(5, () => commentOf("bob", tweetId, parent));
    const newest = await app.anonymous.comments.list({ tweetId, limit: 1 });
    const { nextCursor: ofThread } = (await app.anonymous.comments.thread({ id: parent })).replies;
    const made = Buffer.from(JSON.stringify({ order: "newest", id: { $gt: "" } })).toString("base64url");
    for (const cursor of ["nonsense", made, Buffer.from("null").toString("base64url"), ofThread!])
      await expect(app.anonymous.comments.list({ tweetId, cursor })).rejects.toMatchObject({
        reason: "BAD_CURSOR",
      });
    await expect(
      app.anonymous.comments.list({ tweetId, sort: "liked", cursor: newest.nextCursor! }),
    ).rejects.toMatchObject({ reason: "BAD_CURSOR" });
  });

  it("leave out what suspended people wrote, and keep the page full", async () => {
    const tweetId = await tweetOf("alice");
    const [first] = await several(2, () => commentOf("bob", tweetId));
    await several(5, () => commentOf("carol", tweetId));
    await app.change("carol", { suspension });
    const page = await app.anonymous.comments.list({ tweetId, limit: 2 });
    expect(idsOf(page.items)).toContain(first);
    expect(page).toMatchObject({ items: [{ author: { username: "bob" } }, { author: { username: "bob" } }] });
    await app.change("carol", { suspension: null });
  });
});

describe("a deleted comment", () => {
  it("vanishes when nothing answers it, and is a tombstone when something does", async () => {
    const tweetId = await tweetOf("alice");
    const [lone, answered] = await several(2, () => commentOf("bob", tweetId));
    const reply = await commentOf("carol", tweetId, answered);
    await deleteComment("bob", lone!);
    await deleteComment("bob", answered!);
    expect(await listed(tweetId)).toEqual([{ id: answered, unavailable: "deleted" }]);
    expect((await app.anonymous.comments.replies({ id: answered! })).items).toMatchObject([{ id: reply }]);
    expect((await app.anonymous.tweets.get({ id: tweetId })).counts.comments).toBe(0);
    const thread = await app.anonymous.comments.thread({ id: reply });
    expect(thread.ancestors).toEqual([{ id: answered, unavailable: "deleted" }]);
  });

  it("keeps its place for as long as anything stands under it, at any depth", async () => {
    const tweetId = await tweetOf("alice");
    const top = await commentOf("bob", tweetId);
    const middle = await commentOf("bob", tweetId, top);
    const bottom = await commentOf("bob", tweetId, middle);
    await deleteComment("bob", top);
    await deleteComment("bob", middle);
    expect(await listed(tweetId)).toEqual([{ id: top, unavailable: "deleted" }]);
    const thread = await app.anonymous.comments.thread({ id: top });
    expect(thread.replies.items).toMatchObject([
      { node: { id: middle, unavailable: "deleted" }, replies: { items: [{ node: { id: bottom } }] } },
    ]);
    await deleteComment("bob", bottom);
    expect(await listed(tweetId)).toEqual([]);
    await expect(app.anonymous.comments.thread({ id: top })).rejects.toMatchObject({
      reason: "COMMENT_NOT_FOUND",
    });
  });

  it("leaves nothing behind when a whole branch is deleted at once", async () => {
    const tweetId = await tweetOf("alice");
    const top = await commentOf("bob", tweetId);
    const leaves = await several(4, () => commentOf("bob", tweetId, top));
    await Promise.all([top, ...leaves].map((id) => deleteComment("bob", id)));
    expect(await listed(tweetId)).toEqual([]);
    expect((await app.anonymous.tweets.get({ id: tweetId })).counts.comments).toBe(0);
  });
});

describe("comments.thread", () => {
  const sizeOf = (nodes: ThreadNode[]): number =>
    nodes.reduce((size, { replies }) => size + 1 + sizeOf(replies.items), 0);

  it("shows ancestors from the top, the comment, and the first answers to each answer", async () => {
    const tweetId = await tweetOf("alice");
    const top = await commentOf("alice", tweetId);
    const parent = await commentOf("bob", tweetId, top);
    const focus = await commentOf("carol", tweetId, parent);
    const reply = await commentOf("dan", tweetId, focus);
    const nested = await commentOf("alice", tweetId, reply);
    const thread = await app.anonymous.comments.thread({ id: focus });
    expect(idsOf(thread.ancestors)).toEqual([top, parent]);
    expect(thread.comment).toMatchObject({ id: focus, author: { username: "carol" } });
    expect(thread.replies.items).toMatchObject([
      { node: { id: reply }, replies: { items: [{ node: { id: nested } }] } },
    ]);
  });

  it("puts the author's own answers first, and goes on in that order with comments.replies", async () => {
    const tweetId = await tweetOf("alice");
    const focus = await commentOf("bob", tweetId);
    const others = await several(4, () => commentOf("carol", tweetId, focus));
    const own = await commentOf("bob", tweetId, focus);
    const { replies } = await app.anonymous.comments.thread({ id: focus });
    expect(replies.items.map(({ node }) => node.id)).toEqual([own, others[0], others[1]]);
    const rest = await walk(
      (cursor) => app.anonymous.comments.replies({ id: focus, limit: 1, cursor: cursor! }),
      replies.nextCursor!,
    );
    expect(rest).toEqual([others[2], others[3]]);
  });

  it("stops after five levels, and each branch goes on from there", async () => {
    const tweetId = await tweetOf("alice");
    let id = await commentOf("bob", tweetId);
    const chain = [id];
    for (let i = 0; i < 7; i++) {
      id = await commentOf("bob", tweetId, id);
      chain.push(id);
    }
    let { replies } = await app.anonymous.comments.thread({ id: chain[0]! });
    expect(sizeOf(replies.items)).toBe(5);
    for (let i = 1; i <= 5; i++) replies = replies.items[0]!.replies;
    const cursor = replies.nextCursor!;
    const next = await app.anonymous.comments.replies({ id: chain[5]!, cursor });
    expect(idsOf(next.items)).toEqual([chain[6]]);
    expect(next.nextCursor).toBeNull();
  });

  it("stays connected through people who are suspended, who appear nowhere else", async () => {
    const tweetId = await tweetOf("alice");
    const top = await commentOf("dan", tweetId);
    const middle = await commentOf("carol", tweetId, top);
    const bottom = await commentOf("dan", tweetId, middle);
    await commentOf("carol", tweetId, top);
    await app.change("carol", { suspension });
    const down = await app.anonymous.comments.thread({ id: top });
    expect(down.replies.items).toMatchObject([
      { node: { id: middle, unavailable: "hidden" }, replies: { items: [{ node: { id: bottom } }] } },
    ]);
    const up = await app.anonymous.comments.thread({ id: bottom });
    expect(up.ancestors).toMatchObject([{ id: top }, { id: middle, unavailable: "hidden" }]);
    expect(JSON.stringify([down, up])).not.toContain("carol");
    await app.change("carol", { suspension: null });
  });

  it("does not grow deeper than fifty levels: an answer to the last stands beside it", async () => {
    const tweetId = await tweetOf("alice");
    let id = await commentOf("bob", tweetId);
    for (let i = 1; i <= 50; i++) id = await commentOf("bob", tweetId, id);
    const last = await app.anonymous.comments.get({ id });
    const beside = await (await app.as("carol")).comments.create({ tweetId, parentId: id, content: "deep" });
    expect(beside.parentId).toBe(last.parentId);
    const { ancestors } = await app.anonymous.comments.thread({ id: beside.id });
    expect(ancestors).toHaveLength(50);
    expect((await app.anonymous.comments.get({ id: last.parentId! })).counts.replies).toBe(2);
  });
});

describe("what the database does", () => {
  const reads = async (act: () => Promise<unknown>) => {
    await app.settled();
    return (await profiled(act)).filter(({ collection }) => collection === "posts");
  };

  it.each(SORTS)("reads pages by %s from an index, in order, and no more than is shown", async (sort) => {
    const tweetId = await tweetOf("alice");
    const parent = await commentOf("bob", tweetId);
    await several(12, () => commentOf("bob", tweetId));
    await several(12, () => commentOf("bob", tweetId, parent));
    const list = (cursor?: string) =>
      app.anonymous.comments.list({ tweetId, sort, limit: 3, ...(cursor && { cursor }) });
    const replies = (cursor?: string) =>
      app.anonymous.comments.replies({ id: parent, sort, limit: 3, ...(cursor && { cursor }) });
    for (const read of [list, replies]) {
      const next = (await read()).nextCursor!;
      for (const one of [...(await reads(() => read())), ...(await reads(() => read(next)))]) {
        expect(one.plan).toMatch(/IXSCAN|IDHACK|EXPRESS/);
        expect(one.sorted).toBe(false);
        expect(one.docsExamined).toBeLessThanOrEqual(4);
      }
    }
  });

  it("reads a thread in one go, and no more of it than is shown", async () => {
    const tweetId = await tweetOf("alice");
    const top = await commentOf("bob", tweetId);
    const focus = await commentOf("bob", tweetId, top);
    const [reply] = await several(20, () => commentOf("carol", tweetId, focus));
    await several(20, () => commentOf("carol", tweetId, reply));
    const [whole, ...others] = await reads(() => app.anonymous.comments.thread({ id: focus }));
    expect(others).toEqual([]);
    expect(whole?.plan).not.toContain("COLLSCAN");
    expect(whole?.docsExamined).toBe(1 + 1 + 3 + 3);
  });

  it("goes on in a thread from an index, in order", async () => {
    const tweetId = await tweetOf("alice");
    const focus = await commentOf("bob", tweetId);
    await several(9, () => commentOf("carol", tweetId, focus));
    const { nextCursor } = (await app.anonymous.comments.thread({ id: focus })).replies;
    const going = () => app.anonymous.comments.replies({ id: focus, limit: 3, cursor: nextCursor! });
    for (const one of await reads(going)) {
      expect(one.plan).toMatch(/IXSCAN|IDHACK|EXPRESS/);
      expect([one.sorted, one.docsExamined <= 4]).toEqual([false, true]);
    }
  });
});
