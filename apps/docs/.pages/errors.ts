import { stage } from "../test/stage"; const { abel, mailed, console, printed } = await stage({"page":"errors","people":["abel"],"admins":[]}); void mailed;









import { isWarbleError } from "@warble/sdk";

try {
  await abel.api.tweets.get.query({ id: "0".repeat(24) });
} catch (error) {
  if (isWarbleError(error, "TWEET_NOT_FOUND")) console.log("It is gone.");
  else throw error;
}
await printed("It is gone.", 19);

















try {
  await abel.api.users.update.mutate({ displayName: "", website: "ftp://example.com" });
} catch (error) {
  if (isWarbleError(error, "BAD_INPUT")) for (const { path } of error.issues) console.log(path.join("."));
}
await printed("displayName", 42);
await printed("website", 43);








import { createWarble } from "@warble/sdk";

const nobody = createWarble({ url: "http://127.0.0.1:9" });
try {
  await nobody.auth.login({ identifier: "abel", password: "swifts over the harbour" });
} catch (error) {
  if (isWarbleError(error, "UNREACHABLE")) console.log(error.message);
}
await printed("No Warble server answered at http://127.0.0.1:9...", 60);










const ended = new AbortController();
const searching = abel.api.search.users.query({ query: "ab" }, { signal: ended.signal });
ended.abort();
const failure = await searching.catch((error: unknown) => error);
console.log(isWarbleError(failure, "ABORTED"));
await printed("true", 76);








async function patiently<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isWarbleError(error, "RATE_LIMITED")) throw error;
    await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? 1) * 1000));
    return act();
  }
}

const tweet = await patiently(() => abel.api.tweets.create.mutate({ content: "No hurry" }));
console.log(tweet.content);
await printed("No hurry", 97);









const elsewhere = createWarble({ url: "http://localhost:43921" });
await elsewhere.auth.login({ identifier: "abel", password: "swifts over the harbour" });
elsewhere.auth.onChange((tokens) => {
  if (!tokens) console.log("Please sign in again.");
});
await abel.auth.logoutOthers();
try {
  await elsewhere.api.timelines.home.query({});
} catch (error) {
  if (isWarbleError(error)) console.log(error.reason);
}
await printed("Please sign in again.", 118);
await printed("NOT_SIGNED_IN", 119);
elsewhere.close();

