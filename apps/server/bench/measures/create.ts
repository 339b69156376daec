import { postCreated } from "../../src/features/posts/post.service";
import { listeners } from "../../src/listeners";
import { contentOf } from "../crowd/records";
import { found, LINES } from "../lines";
import { mutation } from "../load";
import { type Findings, percentile } from "../report";
import type { Stage } from "../stage";
import { inTurns } from "./rounds";

const AT_ONCE = 16;

/** P4: tweets stored a second, beside the bare transaction; and how many when all that follows is done, too. */
export async function measureCreate(stage: Stage): Promise<Findings> {
  const town = await stage.town();
  const { crowd, mongoUrl } = town;
  const authors = crowd.readers(stage.size.readers);
  const target = await stage.warble(town);
  const reactions = listeners.filter(({ event }) => event === postCreated.name).length;
  const floor = await stage.start("create", { mongoUrl, args: [String(reactions)] });
  const calls = (tokens: string[]) =>
    tokens.map((token, index) =>
      mutation("tweets.create", { content: contentOf(crowd, index * 8 + 2) }, token),
    );
  const sides = [
    { target, calls: calls(await stage.tokens(town, authors)) },
    { target: floor, calls: calls(authors.map((author) => String(crowd.userId(author)))) },
  ];
  let drainMs = 0;
  const between = async () => {
    const start = performance.now();
    await target.idle();
    drainMs += performance.now() - start;
  };
  const [ours, bare] = await inTurns(stage, sides, { atOnce: AT_ONCE, between });
  await floor.stop();
  if (!ours || !bare) throw new Error("a side is missing");
  return {
    lines: [
      found(LINES.create.rate, { value: ours.rate, against: bare.rate }),
      {
        id: "P4",
        what: "create: p99, 16 at once",
        unit: "ms",
        value: percentile(ours.ms, 99),
        against: percentile(bare.ms, 99),
      },
      { id: "P4", what: "create: computing", unit: "ms", value: ours.cpu, against: bare.cpu },
      {
        id: "P4",
        what: "tweets a second with all that follows from them",
        unit: "/s",
        value: (ours.ms.length / (ours.tookMs + drainMs)) * 1000,
      },
    ],
  };
}
