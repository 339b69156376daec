import { found, LINES } from "../lines";
import { mutation } from "../load";
import { type Findings, percentile } from "../report";
import { PASSWORD, type Stage } from "../stage";
import { homesOf, warm } from "./rounds";

const READING = 4;
const FLOOD = 200;
const MOST_MS = 5_000;

/** P10: how long reads take while two hundred people sign in at once, again and again. */
export async function measureLogins(stage: Stage): Promise<Findings> {
  const { crowd: spec } = stage.size;
  const town = await stage.town("logins", { ...spec, people: FLOOD, quiet: 0, stars: [], keen: [] });
  const target = await stage.start("server", { mongoUrl: town.mongoUrl });
  const calls = homesOf(await stage.tokens(town, town.crowd.readers(FLOOD)));
  await warm(stage, { target, calls });
  const forMs = Math.min(MOST_MS, stage.size.roundMs * stage.size.rounds);
  const read = () => stage.load.run({ urls: [target.url], calls, atOnce: READING, forMs });
  const quiet = await read();
  const names = Array.from({ length: FLOOD }, (_, person) => town.crowd.username(person));
  const flood = flooding(target.url, names);
  const busy = await read();
  const answered = await flood.stop();
  await target.stop();
  return {
    lines: [
      found(LINES.logins.p99, { value: percentile(busy.ms, 99), against: percentile(quiet.ms, 99) }),
      {
        id: "P10",
        what: "read p50 during the flood, against quiet",
        unit: "ms",
        value: percentile(busy.ms, 50),
        against: percentile(quiet.ms, 50),
      },
      {
        id: "P10",
        what: "logins a second during the flood; others are told to come back",
        unit: "/s",
        value: (answered / busy.tookMs) * 1000,
      },
    ],
  };
}

/** Keeps all of them signing in until it is stopped, which tells how many did. */
function flooding(url: string, names: string[]): { stop(): Promise<number> } {
  let [going, signedIn] = [true, 0];
  const signIn = async (identifier: string) => {
    const { path, body } = mutation("auth.login", { identifier, password: PASSWORD }, "");
    const headers = { "content-type": "application/json" };
    // Who waits for too long is cut off: that is a refusal, too.
    const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: body ?? "" }).catch(
      () => null,
    );
    await answer?.arrayBuffer();
    if (answer?.ok) signedIn++;
  };
  const all = (async () => {
    while (going) await Promise.all(names.map(signIn));
  })();
  return {
    stop: async () => {
      going = false;
      await all;
      return signedIn;
    },
  };
}
