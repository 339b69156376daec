import type { AddFilter, Done, Filter } from "@warble/contracts";
import type { ViewerContext } from "../../platform/context";
import { oid } from "../../platform/id";
import { isDuplicate, transaction } from "../../platform/mongo";
import { removeFilter, storeFilter } from "../filters/filter.service";
import { recordAction } from "./audit.service";

/** Has something no longer taken, or reported; the same one again changes which. */
export function addFilter(ctx: ViewerContext, input: AddFilter): Promise<Filter> {
  const add = () =>
    transaction(async () => {
      const { filter, changed } = await storeFilter(input);
      if (changed) await record(ctx, "addFilter", filter);
      return filter;
    });
  // Another administrator was quicker.
  return add().catch((error: unknown) => (isDuplicate(error) ? add() : Promise.reject(error)));
}

/** Takes a filter away; it need not be there. */
export async function dropFilter(ctx: ViewerContext, id: string): Promise<Done> {
  await transaction(async () => {
    const filter = await removeFilter(id);
    if (filter) await record(ctx, "removeFilter", filter);
  });
  return { ok: true };
}

const record = (
  ctx: ViewerContext,
  action: "addFilter" | "removeFilter",
  { id, kind, value, ...filter }: Filter,
): Promise<void> =>
  recordAction({
    actorId: oid(ctx.viewer.id),
    action,
    targetType: "filter",
    targetId: oid(id),
    reason: `${filter.action} ${kind} ${value}`,
  });
