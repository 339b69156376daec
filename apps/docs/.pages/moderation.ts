import { stage } from "../test/stage"; const { victor, wendy, xena, mailed, console, printed } = await stage({"page":"moderation","people":["victor","wendy"],"admins":["xena"]}); void mailed;














const tweet = await victor.api.tweets.create.mutate({ content: "Buy cheap binoculars, buy now" });
await wendy.api.moderation.report.mutate({
  targetType: "tweet",
  targetId: tweet.id,
  reason: "spam",
  note: "The third time today",
});









const { items } = await xena.api.moderation.reports.query({ status: "open" });
const report = items.find(({ targetId }) => targetId === tweet.id);
console.log(report?.reasons, report?.user?.username, report?.reports);
await printed("[ 'spam' ] victor 1", 35);

const reportId = report?.id ?? "";
await xena.api.moderation.assign.mutate({ reportId });
const details = await xena.api.moderation.getReport.query({ reportId });
const [evidence] = details.all.items;
if (evidence?.evidence.type === "post") console.log(evidence.note, "|", evidence.evidence.content);
await printed("The third time today | Buy cheap binoculars, buy now", 42);






const resolved = await xena.api.moderation.resolve.mutate({
  reportId,
  action: "remove",
  reason: "Advertising is not for here.",
});
console.log(resolved.status, resolved.resolved?.action);
await printed("resolved remove", 55);





const strikes = await victor.api.moderation.strikes.query();
const [strike] = strikes.items;
console.log(strike?.action, strike?.reason, strike?.target?.content);
await printed("remove Advertising is not for here. Buy cheap binoculars, buy now", 64);

await victor.api.moderation.appeal.mutate({
  strikeId: strike?.id ?? "",
  text: "They are for my nephew's school.",
});
const appeals = await xena.api.moderation.appeals.query();
console.log(appeals.items.some(({ id }) => id === strike?.id));
await printed("true", 72);






await xena.api.moderation.revokeStrike.mutate({ strikeId: strike?.id ?? "", reason: "A misunderstanding" });
console.log((await wendy.api.tweets.get.query({ id: tweet.id })).content);
await printed("Buy cheap binoculars, buy now", 81);








const { id: userId } = await xena.api.users.get.query({ username: "wendy" });
await xena.api.moderation.setRole.mutate({ userId, role: "moderator" });
console.log((await wendy.auth.me())?.role);
await printed("moderator", 93);






const filter = await xena.api.moderation.addFilter.mutate({
  kind: "word",
  value: "cheap binoculars now",
  action: "reject",
});
await xena.api.moderation.removeFilter.mutate({ id: filter.id });

const audit = await xena.api.moderation.audit.query({ limit: 3 });
console.log(audit.items.map(({ action }) => action));
await printed("[ 'removeFilter', 'addFilter', 'setRole' ]", 109);

