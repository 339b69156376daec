import type { Listener } from "../../platform/events";
import type { Pair } from "./follow-edge.service";
import { acceptIfOpen, acceptWaiting } from "./request.service";

/** Lets all follow who wait to follow a user who is not protected any more. */
export const letAllFollow: Listener<{ userId: string }> = (app, { userId }) => acceptWaiting(app, userId);

/** Lets somebody follow who asked just when whom they asked ceased to be protected. */
export const letFollow: Listener<Pair> = async (app, pair) => {
  await acceptIfOpen(app, pair);
};
