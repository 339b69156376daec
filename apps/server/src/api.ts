import type { TRPCBuiltRouter } from "@trpc/server";
import type { ErrorShape } from "@warble/contracts";
import type * as procedures from "./procedures";

/**
 * The type of the API as clients see it. It is put together here, and not taken from the router, because the
 * router's own type carries the context, and with it Express, Mongoose and Socket.IO, into every client.
 */
export type Api = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },
  typeof procedures
>;
