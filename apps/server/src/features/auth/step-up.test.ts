import mongoose from "mongoose";
import { describe, expect, it } from "vitest";
import { startTestApp } from "../../../test/harness";
import { overHttp, PASSWORD } from "../../../test/http";
import { changeUser } from "../users/user.service";

const app = startTestApp();
const { call, join, login } = overHttp(app);

const confirm = (token: string, password = PASSWORD) => call("auth.confirmPassword", { password }, { token });

/** As if every password given so far had been given so many seconds earlier. */
const age = (seconds: number) =>
  mongoose.connection.collection("sessions").updateMany({}, [
    {
      $set: {
        authenticatedAt: {
          $dateSubtract: { startDate: "$authenticatedAt", unit: "second", amount: seconds },
        },
      },
    },
  ]);

async function joinAs(username: string, role: "admin" | "moderator" | "user"): Promise<string> {
  const { user, tokens } = await join(username);
  await changeUser(user.id, { role });
  return tokens.accessToken;
}

describe("what needs a password given lately", () => {
  const calls = {
    setRole: async () => ({ userId: await app.id("bob"), role: "moderator" }),
    suspend: async () => ({ userId: await app.id("carol"), reason: "spam" }),
    unsuspend: async () => ({ userId: await app.id("carol") }),
    removeTweet: async () => ({ id: (await (await app.as("dan")).tweets.create({ content: "Hi" })).id }),
    removeComment: async () => {
      const dan = await app.as("dan");
      const { id: tweetId } = await dan.tweets.create({ content: "Hi" });
      return { id: (await dan.comments.create({ tweetId, content: "Hi" })).id };
    },
  };

  it.each(Object.entries(calls))(
    "%s is refused after five minutes, until it is given again",
    async (name, input) => {
      const token = await joinAs(`a_${name}`.toLowerCase(), "admin");
      const act = async () => call(`moderation.${name}`, await input(), { token });
      await age(290);
      expect((await act()).reason).toBeUndefined();
      await age(11);
      const refused = await act();
      expect([refused.status, refused.reason]).toEqual([403, "REAUTH_REQUIRED"]);
      expect(refused.message).toContain("auth.confirmPassword");
      expect((await confirm(token)).data).toEqual({ ok: true });
      expect((await act()).reason).toBeUndefined();
    },
  );

  it("changes nothing while it is refused, and tells those who may not at all no more than that", async () => {
    const [admin, user] = [await joinAs("alice", "admin"), await joinAs("erin", "user")];
    await age(301);
    const input = { userId: await app.id("frank"), role: "admin" };
    expect((await call("moderation.setRole", input, { token: admin })).reason).toBe("REAUTH_REQUIRED");
    expect((await call("moderation.setRole", input, { token: user })).reason).toBe("FORBIDDEN");
    const frank = await mongoose.connection.collection("users").findOne({ usernameKey: "frank" });
    expect(frank?.role).toBe("user");
  });
});

describe("auth.confirmPassword", () => {
  it("counts for the device that asks and for no other", async () => {
    const phone = await joinAs("grace", "admin");
    const laptop = (await login("grace")).data.tokens.accessToken;
    await age(301);
    await confirm(phone);
    const act = async (token: string) =>
      (await call("moderation.unsuspend", { userId: await app.id("frank") }, { token })).reason;
    expect([await act(phone), await act(laptop)]).toEqual([undefined, "REAUTH_REQUIRED"]);
  });

  it("refuses a wrong password, counts it as a guess, and hears the right one all the same", async () => {
    const token = await joinAs("heidi", "moderator");
    await age(301);
    const replies = [];
    for (let n = 0; n < 11; n++) replies.push((await confirm(token, "teal otters whistle at dawn")).reason);
    expect(replies).toEqual([...Array(10).fill("BAD_CREDENTIALS"), "RATE_LIMITED"]);
    const act = async () => call("moderation.unsuspend", { userId: await app.id("frank") }, { token });
    expect((await act()).reason).toBe("REAUTH_REQUIRED");
    expect((await confirm(token)).status).toBe(200);
    expect((await act()).reason).toBeUndefined();
  });

  it("refuses nobody", async () => {
    const reply = await call("auth.confirmPassword", { password: PASSWORD });
    expect([reply.status, reply.reason]).toEqual([401, "NOT_SIGNED_IN"]);
  });
});
