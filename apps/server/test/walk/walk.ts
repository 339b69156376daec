import type { ErrorReason } from "@warble/contracts";
import fc from "fast-check";
import { WarbleError } from "../../src/platform/error";
import { CHAT } from "./chat-moves";
import { LEAVING } from "./leaving-moves";
import { MODERATION } from "./moderation-moves";
import type { Deed, Move } from "./move";
import { PEOPLE } from "./people-moves";
import { POSTS } from "./post-moves";
import { isOut, type Person, type World } from "./world";

const MOVES: Record<string, Move> = { ...PEOPLE, ...POSTS, ...CHAT, ...LEAVING, ...MODERATION };

/** Who does what, to whatever the numbers stand for once it is their turn. */
export interface Step {
  by: number;
  move: string;
  a: number;
  b: number;
}

export const anyStep = (people: number): fc.Arbitrary<Step> =>
  fc.record({
    by: fc.nat(people - 1),
    move: fc.oneof(
      ...Object.entries(MOVES).map(([name, { weight }]) => ({ weight, arbitrary: fc.constant(name) })),
    ),
    a: fc.nat(9_999),
    b: fc.nat(9_999),
  });

/** How often each outcome came: a walk on which nothing ever happens proves nothing. */
export type Tally = Map<string, number>;

interface Begun {
  name: string;
  move: Move;
  deed: Deed;
}

/** Null where somebody is shut out, or has nothing to do it to. */
function begin(world: World, step: Step): Begun | null {
  const me = world.people[step.by];
  const name = me && !mayBegin(me, MOVES[step.move]) ? wayIn(me, step) : step.move;
  const move = MOVES[name];
  if (!me || !mayBegin(me, move)) return null;
  const deed = move?.deed(world, me, step);
  return deed && move ? { name, move, deed } : null;
}

const mayBegin = (me: Person, { byModerator, whenAway }: Partial<Move> = {}): boolean =>
  byModerator ?? (whenAway ? me.away : !isOut(me));

/** Of those who are shut out, some look for a way in instead. */
function wayIn({ away, suspended }: Person, { b }: Step): string {
  if (b % 3 > 0) return "";
  return suspended && b % 4 > 0 ? "comeIn" : away ? "comeBack" : "";
}

/** Takes a step while nobody else does anything, and looks whether all is as the model says. */
export async function takeAlone(world: World, step: Step, tally: Tally): Promise<void> {
  const begun = begin(world, step);
  if (!begun) return;
  const expected = begun.deed.refusal?.();
  const { reason, answer } = await outcomeOf(begun, step, tally);
  if (begun.deed.refusal && reason !== expected)
    throw new Error(`${told(step)} is ${reason ?? "done"}, and should be ${expected ?? "done"}`);
  if (reason) return;
  if (begun.deed.settles) await world.app.settled();
  begun.deed.apply?.(answer as never);
  begun.deed.shows?.(answer as never);
}

/** Takes a step while others take theirs: it is done, or refused for a reason that it may be refused for. */
export async function takeAmongOthers(world: World, step: Step, tally: Tally): Promise<void> {
  const begun = begin(world, step);
  if (!begun) return;
  const { reason, answer } = await outcomeOf(begun, step, tally);
  if (!reason) begun.deed.apply?.(answer as never);
}

async function outcomeOf(
  { name, move, deed }: Begun,
  step: Step,
  tally: Tally,
): Promise<{ reason?: ErrorReason; answer?: unknown }> {
  const outcome = await deed.call().then(
    (answer) => ({ answer }),
    (error: unknown) => {
      const reason = error instanceof WarbleError ? error.reason : "INTERNAL";
      if (move.reasons.includes(reason)) return { reason };
      throw new Error(`${told(step)} failed with ${reason}, which it never should`, { cause: error });
    },
  );
  const key = `${name} ${"reason" in outcome ? outcome.reason : "done"}`;
  tally.set(key, (tally.get(key) ?? 0) + 1);
  return outcome;
}

export const told = ({ by, move, a, b }: Step): string => `${by} ${move} ${a} ${b}`;
