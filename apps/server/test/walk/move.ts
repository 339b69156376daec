import type { ErrorReason, Page } from "@warble/contracts";
import { isOut, type Person, type Post, type World } from "./world";

/** Something that somebody does at one step. */
export interface Deed {
  call: () => Promise<unknown>;
  /** Why it will be refused, when nobody else does anything meanwhile; left out where the model does not know. */
  refusal?: () => ErrorReason | undefined;
  /** The queue does the rest of it. */
  settles?: true;
  /** What is so once it is done. */
  apply?: (answer: never) => void;
  /** What the answer must then show, when nobody else does anything meanwhile. */
  shows?: (answer: never) => void;
}

export interface Move {
  /** How often it comes, beside the others. */
  weight: number;
  /** Why it may be refused, whatever others do meanwhile. */
  reasons: ErrorReason[];
  /** It goes on while who would do it is shut out: it is the moderator who does. */
  byModerator?: true;
  /** It is what those do who have deactivated their account, and nobody else. */
  whenAway?: true;
  /** Null where there is nothing yet that it could be done to. */
  deed: (world: World, me: Person, choice: Choice) => Deed | null | undefined;
}

/** Numbers that stand for whatever there is to choose from. */
export interface Choice {
  a: number;
  b: number;
}

export const pick = <T>(some: T[], choice: number): T | undefined => some[choice % some.length];

/** Mostly one of the latest: what many do something to at once. */
export const pickLate = <T>(some: T[], choice: number): T | undefined =>
  pick(choice % 4 === 0 ? some : some.slice(-6), Math.floor(choice / 4));

/** Mostly what is there to be seen. */
export const mostlyThere = (some: Post[], choice: number): Post[] =>
  some.filter(({ deleted, author }) => choice % 8 === 0 || (!deleted && !isOut(author)));

/** Somebody else. */
export function other(world: World, me: Person, choice: number): Person {
  const others = world.people.filter((person) => person !== me);
  return pick(others, choice) ?? me;
}

/** All pages of a list. */
export async function allOf<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return items;
}
