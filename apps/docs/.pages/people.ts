import { stage } from "../test/stage"; const { frank, grace, mailed, console, printed } = await stage({"page":"people","people":["frank","grace"],"admins":[]}); void mailed;








await frank.api.users.update.mutate({
  displayName: "Frank Gull",
  bio: "Mostly gulls.",
  location: "On the pier",
});
const profile = await grace.api.users.get.query({ username: "frank" });
console.log(profile.displayName, "|", profile.bio, "|", profile.counts);
await printed("Frank Gull | Mostly gulls. | { followers: 0, following: 0, tweets: 0 }", 17);











const followed = await grace.api.users.follow.mutate({ id: profile.id });
console.log(followed.viewer.following, followed.counts.followers);
await printed("true 1", 31);

for await (const user of frank.pages(frank.api.users.followers.query, { username: "frank" })) {
  console.log(user.username, user.viewer?.followedBy);
}
await printed("grace true", 36);





const [relationship] = await grace.api.users.relationships.query({ ids: [profile.id] });
console.log(relationship?.viewer.following);
await printed("true", 44);








await grace.api.users.update.mutate({ protected: true });
const { id } = await frank.api.users.get.query({ username: "grace" });
const asked = await frank.api.users.follow.mutate({ id });
console.log(asked.viewer.following, asked.viewer.requested);
await printed("false true", 57);

const requests = await grace.api.users.followRequests.query();
console.log(requests.items.map((user) => user.username));
await printed("[ 'frank' ]", 61);
await grace.api.users.acceptFollow.mutate({ id: profile.id });
console.log((await frank.api.users.get.query({ id })).viewer?.following);
await printed("true", 64);








const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
const muted = await grace.api.users.mute.mutate({ id: profile.id, until: tomorrow });
console.log(muted.muting);
await printed("true", 76);
await grace.api.users.unmute.mutate({ id: profile.id });
await grace.api.users.muteWord.mutate({ word: "#spoiler", until: tomorrow });









import { isWarbleError } from "@warble/sdk";

await grace.api.users.block.mutate({ id: profile.id });
try {
  await frank.api.users.get.query({ id });
} catch (error) {
  if (isWarbleError(error, "USER_NOT_FOUND")) console.log(error.message);
}
await printed("There is no such user.", 96);
const unblocked = await grace.api.users.unblock.mutate({ id: profile.id });
console.log(unblocked.blocking, unblocked.followedBy);
await printed("false false", 99);

