import type { Access } from "@warble/contracts";
import type { CallContract, Contract, ProcedureContract, Schema } from "../src/docs/contract";
import { type Flow, tellMisfits } from "./subset";

/** What in `after` breaks clients that were written for `before`, in words for people; nothing when all that is new is more. */
export function breakingChanges(before: Contract, after: Contract): string[] {
  const told: string[] = [];
  const calls = (was: Record<string, CallContract>, is: Record<string, CallContract>): void => {
    for (const [name, old] of Object.entries(was)) {
      const now = is[name];
      if (now) tellCall({ name, old, now }, { before, after }, told);
      else told.push(`${name} is gone.`);
    }
  };
  calls(before.procedures, after.procedures);
  calls(before.socketCalls, after.socketCalls);
  for (const [name, old] of Object.entries(before.procedures)) {
    const now = after.procedures[name];
    if (now) told.push(...procedureChanges(name, old, now));
  }
  for (const [name, old] of Object.entries(before.socketEvents)) {
    const now = after.socketEvents[name];
    if (now) tellSchema({ name: `event ${name}`, old, now, flow: "output" }, { before, after }, told);
    else told.push(`The event ${name} is gone.`);
  }
  return [...new Set(told)];
}

interface Contracts {
  before: Contract;
  after: Contract;
}

interface Call {
  name: string;
  old: CallContract;
  now: CallContract;
}

function tellCall({ name, old, now }: Call, contracts: Contracts, told: string[]): void {
  if (now.input && !now.optional && (old.optional || !old.input))
    told.push(`${name} needs an input now, and did not.`);
  if (now.input && old.input)
    tellSchema({ name, old: old.input, now: now.input, flow: "input" }, contracts, told);
  tellSchema({ name, old: old.output, now: now.output, flow: "output" }, contracts, told);
  const gone = old.reasons.filter((reason) => !now.reasons.includes(reason));
  const added = now.reasons.filter((reason) => !old.reasons.includes(reason));
  if (gone.length > 0) told.push(`${name} no longer fails with ${gone.join(", ")}: clients wait for that.`);
  if (added.length > 0) told.push(`${name} fails with ${added.join(", ")} now: clients do not know that.`);
}

interface Compared {
  name: string;
  old: Schema;
  now: Schema;
  flow: Flow;
}

function tellSchema({ name, old, now, flow }: Compared, { before, after }: Contracts, told: string[]): void {
  const was = { schema: old, schemas: before.schemas };
  const is = { schema: now, schemas: after.schemas };
  const pair = flow === "input" ? { small: was, big: is } : { small: is, big: was };
  tellMisfits(pair, flow, (where, what) => {
    const place = where === "" ? `the ${flow}` : `${flow} ${where}`;
    told.push(`${name}: ${place} ${what}.`);
  });
}

function procedureChanges(name: string, old: ProcedureContract, now: ProcedureContract): string[] {
  const told: string[] = [];
  if (old.type !== now.type) told.push(`${name} was a ${old.type} and is a ${now.type}.`);
  if (isStricter(old.access, now.access))
    told.push(`${name} was for ${forWhom(old.access)} and is for ${forWhom(now.access)}.`);
  return told;
}

const STEPS: Access[] = ["anyone", "signedIn", "verified"];

function isStricter(old: Access, now: Access): boolean {
  if (typeof old === "string")
    return typeof now === "string" ? STEPS.indexOf(now) > STEPS.indexOf(old) : now.length < 3;
  return typeof now !== "string" && old.some((role) => !now.includes(role));
}

const FOR: Record<string, string> = {
  anyone: "anybody",
  signedIn: "people who are signed in",
  verified: "people with a verified address",
};

const forWhom = (access: Access): string =>
  typeof access === "string" ? (FOR[access] ?? access) : access.join(", ");
