import type { Schema } from "../src/docs/contract";

type Schemas = Record<string, Schema>;

interface Shape {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: unknown;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  format?: string;
}

/** One schema with the schemas that it refers to. */
interface Side {
  schema: Schema;
  schemas: Schemas;
}

interface Pair {
  small: Side;
  big: Side;
  /** What is being compared already, so that a shape that holds itself ends. */
  seen?: Set<string>;
}

/** Who is let down when a value fits one and not the other: whoever sends it, or whoever reads it. */
export type Flow = "input" | "output";

/** What may be told, with where in it. */
type Tell = (where: string, what: string) => void;

const LEAST = ["minimum", "minLength", "minItems", "minProperties"];
const MOST = ["maximum", "maxLength", "maxItems", "maxProperties"];

/**
 * Whether all that fits `small` fits `big`; each way in which it does not is told. What clients send must go on to fit,
 * so there `small` is how it was; what they are answered must fit what they know, so there `small` is how it is now.
 */
export function tellMisfits({ seen = new Set(), ...pair }: Pair, flow: Flow, tell: Tell): void {
  const compare = (where: string, left: Schema, right: Schema): void => {
    const key = JSON.stringify([left, right]);
    if (seen.has(key)) return;
    seen.add(key);
    const [smalls, bigs] = [variants(left, pair.small.schemas), variants(right, pair.big.schemas)];
    const [small, big] = [smalls[0], bigs[0]];
    const isPlain = smalls.length === 1 && bigs.length === 1;
    if (isPlain && small && big) each(where, small, big);
    const misfits = isPlain ? [] : smalls.filter((one) => !bigs.some((other) => fits(one, other)));
    for (const one of misfits) tell(where, MISFIT[flow](shortly(one)));
  };
  const fits = (small: Schema, big: Schema): boolean => {
    let fit = true;
    const sides = { small: { ...pair.small, schema: small }, big: { ...pair.big, schema: big } };
    tellMisfits({ ...sides, seen: new Set(seen) }, flow, () => {
      fit = false;
    });
    return fit;
  };
  const each = (where: string, small: Shape & Schema, big: Shape & Schema): void => {
    const problem = valueMisfit(small, big, flow);
    if (problem) tell(where, problem);
    else if (small.items && big.items) compare(`${where}[]`, small.items, big.items);
    else tellFields({ where, small, big, flow }, tell, compare);
  };
  compare("", pair.small.schema, pair.big.schema);
}

const MISFIT: Record<Flow, (what: string) => string> = {
  input: (what) => `${what} is no longer taken`,
  output: (what) => `may be ${what} now`,
};

/** The alternatives of a schema, references followed. */
function variants(schema: Schema, schemas: Schemas): (Shape & Schema)[] {
  const { $ref, anyOf, oneOf, type, ...rest }: Shape & Schema = schema;
  const named = $ref === undefined ? undefined : schemas[String($ref).split("/").at(-1) ?? ""];
  if (named) return variants(named, schemas);
  const alternatives = anyOf ?? oneOf;
  if (alternatives) return alternatives.flatMap((each) => variants(each, schemas));
  if (Array.isArray(type)) return type.map((each) => ({ ...rest, type: each }));
  return [schema];
}

const valuesOf = ({ enum: all, ...rest }: Shape & Schema): unknown[] | undefined =>
  all ?? ("const" in rest ? [rest.const] : undefined);

function shortly(schema: Shape & Schema): string {
  const { type, properties } = schema;
  const kind = Object.entries(properties ?? {}).find(([, value]) => "const" in value);
  const values = valuesOf(schema);
  if (values) return values.map((value) => JSON.stringify(value)).join(" or ");
  return kind ? `an object with ${kind[0]} ${JSON.stringify(kind[1].const)}` : String(type ?? "anything");
}

/** Why a value that fits `small` may not fit `big`, apart from what it has inside. */
function valueMisfit(small: Shape & Schema, big: Shape & Schema, flow: Flow): string | undefined {
  const isInteger = small.type === "integer" && big.type === "number";
  if (big.type !== undefined && small.type !== big.type && !isInteger)
    return MISFIT[flow](String(small.type ?? "anything"));
  const [some, all] = [valuesOf(small), valuesOf(big)];
  const further = some?.filter((value) => !all?.includes(value));
  if (all && (!further || further.length > 0))
    return MISFIT[flow](further?.map((value) => JSON.stringify(value)).join(", ") ?? "anything");
  const bound = [...LEAST, ...MOST].find((name) => isTighter(name, small[name], big[name]));
  if (bound) return `${bound} is ${big[bound]} where it is ${small[bound] ?? "none"} ${BESIDE[flow]}`;
  const form = (["pattern", "format"] as const).find((name) => big[name] && big[name] !== small[name]);
  return form && flow === "input"
    ? `${form} is ${big[form]} where it was ${small[form] ?? "none"}`
    : undefined;
}

const BESIDE: Record<Flow, string> = { input: "for clients so far", output: "from now on" };

function isTighter(name: string, small: unknown, big: unknown): boolean {
  if (typeof big !== "number") return false;
  if (typeof small !== "number") return true;
  return LEAST.includes(name) ? big > small : big < small;
}

interface Objects {
  where: string;
  small: Shape;
  big: Shape;
  flow: Flow;
}

function tellFields(
  { where, small, big, flow }: Objects,
  tell: Tell,
  compare: (where: string, small: Schema, big: Schema) => void,
): void {
  const [some, all] = [small.properties ?? {}, big.properties ?? {}];
  const at = (field: string) => (where === "" ? field : `${where}.${field}`);
  for (const field of Object.keys(all)) {
    const isNeeded = big.required?.includes(field) && !small.required?.includes(field);
    if (flow === "output" && !(field in some)) tell(at(field), "is gone");
    else if (isNeeded) tell(at(field), flow === "input" ? "has to be given now" : "may be missing now");
  }
  for (const [field, schema] of Object.entries(some)) {
    const known = all[field];
    if (known) compare(at(field), schema, known);
    else if (flow === "input" && big.additionalProperties === false) tell(at(field), "is no longer taken");
  }
}
