import type { Listener } from "../../platform/events";
import { oid } from "../../platform/id";
import { removeExport } from "./export.service";
import { purgeUser } from "./purge.service";

/** Takes away what is the user's of a closed account. */
export const purge: Listener<{ userId: string }> = (app, { userId }) => purgeUser(app, userId);

/** Removes a file of somebody's data whose time is over. */
export const dropExport: Listener<{ exportId: string }> = (_app, { exportId }) => removeExport(oid(exportId));
