import { Id, type Page, type PageInput, type Trend } from "@warble/contracts";
import { z } from "zod";
import { nowMs } from "../../platform/clock";
import type { Context } from "../../platform/context";
import { decodeCursor, encodeCursor, fillPage, inMemory } from "../../platform/page";
import { loadCards } from "../users/user.view";
import { leftOf, rankOf } from "./surprise.service";
import type { TrendRecord } from "./trend.model";
import { currentTrends, FEWEST } from "./trend-board.service";

const TrendCursor = z.strictObject({ rank: z.number(), id: Id });
type TrendCursor = z.infer<typeof TrendCursor>;

interface Position extends TrendCursor {
  trend: TrendRecord;
}

/** Hashtags that more people use than is usual, the most surprising first. @throws WarbleError BAD_CURSOR */
export async function listTrends(
  ctx: Pick<Context, "viewer" | "config">,
  { cursor, limit }: PageInput,
): Promise<Page<Trend>> {
  const start = decodeCursor(cursor, TrendCursor);
  const trends = await currentTrends(ctx.config.policy.trendsKeptFor);
  const rows = trends
    .map(positionOf)
    .sort(byRank)
    .filter((each) => !start || byRank(each, start) > 0);
  return fillPage<Position, Trend>({
    limit,
    read: inMemory(rows),
    show: (positions) =>
      showTrends(
        ctx,
        positions.map(({ trend }) => trend),
      ),
    cursorOf: ({ rank, id }) => encodeCursor({ rank, id }),
  });
}

const positionOf = (trend: TrendRecord): Position => ({ rank: rankOf(trend), id: String(trend._id), trend });

const byRank = (a: TrendCursor, b: TrendCursor): number =>
  b.rank - a.rank || (a.id < b.id ? -1 : +(a.id > b.id));

/** It trends for whom enough of those who stand behind it may be seen by. */
async function showTrends(ctx: Pick<Context, "viewer">, trends: TrendRecord[]): Promise<(Trend | null)[]> {
  const cards = await loadCards(
    ctx,
    trends.flatMap(({ userIds }) => userIds),
    "feeds",
  );
  const at = nowMs();
  return trends.map((trend) => {
    const { tag, accounts, userIds } = trend;
    const seen = userIds.filter((id) => cards.has(String(id)));
    if (seen.length < FEWEST) return null;
    return { tag, accounts, score: Math.round(leftOf(trend, at) * 100) / 100 };
  });
}
