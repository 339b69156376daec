import { now } from "./clock";
import { WarbleError } from "./error";

/** When something is to end that was given an `until`; null is never. @throws WarbleError BAD_INPUT for the past */
export function endOf(until: string | undefined): Date | null {
  const end = until === undefined ? null : new Date(until);
  if (!end || end > now()) return end;
  const issues = [{ path: ["until"], code: "custom", message: "must be in the future" }];
  throw new WarbleError("BAD_INPUT", { issues });
}
