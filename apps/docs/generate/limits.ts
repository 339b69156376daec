import { LIMITS } from "@warble/contracts";
import { DEFAULT_POLICY } from "@warble/server/reference";
import { membersOfValue } from "./declarations";
import { code, prose, table } from "./markdown";

type Window = (typeof DEFAULT_POLICY.limits)["login"][number];

const UNITS: [seconds: number, name: string][] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

function spanOf(seconds: number): string {
  const [unit, name] = UNITS.find(([size]) => seconds % size === 0) ?? [1, "second"];
  const count = seconds / unit;
  return count === 1 ? `a ${name}` : `${count} ${name}s`;
}

/** How often, in words. */
export const windowsOf = (windows: Window[]): string =>
  windows
    .map(
      ({ points, seconds, byNetwork }) => `${points} in ${spanOf(seconds)}${byNetwork ? " by network" : ""}`,
    )
    .join(", ")
    .replaceAll("in a hour", "in an hour");

/** A page on the numbers of the product. */
export function limitsPage(): string {
  const sizes = membersOfValue("LIMITS").map(({ name, doc }) => [
    code(name),
    String(LIMITS[name as keyof typeof LIMITS]),
    prose(doc),
  ]);
  const windows = Object.entries(DEFAULT_POLICY.limits).map(([name, of]) => [code(name), windowsOf(of)]);
  const { user, anonymous } = DEFAULT_POLICY.general;
  return `# Limits

## How much

The numbers of the product, as the SDK exports them: \`LIMITS.postWeight\`.

${table(["name", "is", ""], sizes)}
## How often

Calls are counted by user, or by network where nobody is signed in. All together: ${windowsOf([user])} by user,
${windowsOf([anonymous])}. Some count in windows of their own, too, which [procedures](./procedures.md) name. Beyond, they are
refused with \`RATE_LIMITED\`; \`retryAfter\` says how many seconds to wait.

${table(["window", "calls"], windows)}`;
}
