import { describe, expect, it } from "vitest";
import { breakingChanges } from "../../contract/changes";
import { appRouter } from "../../src/app";
import { type Contract, contractOf, type Procedures, type Schema } from "../../src/docs/contract";

const contract = contractOf(appRouter._def.procedures as unknown as Procedures);

interface Shape {
  properties: Record<string, Schema>;
  required: string[];
  enum: string[];
}

/** A contract that is changed in one way, and all else like ours. */
function changed(change: (copy: Contract, shape: (name: string) => Shape & Schema) => void): Contract {
  const copy = structuredClone(contract);
  change(copy, (name) => copy.schemas[name] as Shape & Schema);
  return copy;
}
const after = (change: Parameters<typeof changed>[0]): string[] => breakingChanges(contract, changed(change));

const forget = (shape: Shape, field: string): void => {
  delete shape.properties[field];
  shape.required = shape.required.filter((name) => name !== field);
};

describe("a change breaks clients", () => {
  it("that takes a procedure, a call of the socket or an event away", () => {
    const gone = after(({ procedures, socketCalls, socketEvents }) => {
      delete procedures["tweets.get"];
      delete socketCalls["chat:send"];
      delete socketEvents["chat:typing"];
    });
    expect(gone).toEqual(["tweets.get is gone.", "chat:send is gone.", "The event chat:typing is gone."]);
  });

  it("that takes a field out of an answer, wherever that is shown, or leaves it out now and then", () => {
    const gone = after((_copy, shape) => forget(shape("Tweet"), "entities"));
    expect(gone).toContain("tweets.get: output entities is gone.");
    expect(gone).toContain("timelines.home: output items[].tweet.entities is gone.");
    const rare = after((_copy, shape) => {
      shape("Tweet").required = shape("Tweet").required.filter((name) => name !== "counts");
    });
    expect(rare).toContain("tweets.create: output counts may be missing now.");
  });

  it("that asks for more: a field, an input, a role, a sign-in", () => {
    const asking = after(({ procedures }, shape) => {
      shape("CreateTweet").properties.language = { type: "string" };
      shape("CreateTweet").required.push("language");
      Object.assign(procedures["auth.sessions"]!, { optional: false });
      Object.assign(procedures["tweets.get"]!, { access: "signedIn" });
      Object.assign(procedures["moderation.reports"]!, { access: ["admin"] });
    });
    expect(asking).toEqual([
      "auth.sessions needs an input now, and did not.",
      "tweets.create: input language has to be given now.",
      "moderation.reports was for moderator, admin and is for admin.",
      "tweets.get was for anybody and is for people who are signed in.",
    ]);
  });

  it("that takes less: a field, a value, a length, a kind", () => {
    const less = after((_copy, shape) => {
      delete shape("SendMessage").properties.replyTo;
      Object.assign(shape("CommentSort"), { enum: ["newest", "oldest"] });
      Object.assign(shape("Content"), { maxLength: 140 });
      Object.assign(shape("MuteWord").properties, { word: { type: "integer" } });
    });
    expect(less).toContain("chat:send: input replyTo is no longer taken.");
    expect(less).toContain('comments.list: input sort "liked" is no longer taken.');
    expect(less).toContain(
      "tweets.create: input content maxLength is 140 where it is 5000 for clients so far.",
    );
    expect(less).toContain("users.muteWord: input word string is no longer taken.");
  });

  it("that answers what clients do not know: a value, null, another kind", () => {
    const more = after((_copy, shape) => {
      shape("NotificationType").enum.push("poke");
      shape("Tweet").properties.content = { type: ["string", "null"] };
      shape("StreamEvent").anyOf = [
        ...(shape("StreamEvent").anyOf as Schema[]),
        { type: "object", properties: { type: { const: "trend" } }, required: ["type"] },
      ];
    });
    expect(more).toContain('notifications.list: output items[].type may be "poke" now.');
    expect(more).toContain("tweets.get: output content may be null now.");
    expect(more).toContain('notifications.stream: the output may be an object with type "trend" now.');
  });

  it("that adds a reason or takes one away", () => {
    const reasons = after(({ procedures }) => {
      Object.assign(procedures["tweets.like"]!, { reasons: ["FORBIDDEN"] });
    });
    expect(reasons).toEqual([
      "tweets.like no longer fails with TWEET_NOT_FOUND: clients wait for that.",
      "tweets.like fails with FORBIDDEN now: clients do not know that.",
    ]);
  });
});

describe("a change breaks nobody", () => {
  it("that changes nothing", () => {
    expect(after(() => undefined)).toEqual([]);
  });

  it("that adds a procedure, an event, a field of an answer, an input that may be left out", () => {
    const added = after(({ procedures, socketEvents }, shape) => {
      procedures["tweets.pin"] = structuredClone(procedures["tweets.like"]!);
      socketEvents["chat:pinned"] = { type: "object" };
      shape("Tweet").properties.language = { type: "string" };
      shape("Tweet").required.push("language");
      shape("CreateTweet").properties.language = { type: "string" };
    });
    expect(added).toEqual([]);
  });

  it("that takes more, asks for less, and answers less of what clients know", () => {
    const wider = after(({ procedures }, shape) => {
      Object.assign(shape("Content"), { maxLength: 10_000 });
      shape("CommentSort").enum.push("hottest");
      shape("Register").required = ["username", "email"];
      Object.assign(procedures["users.suggestions"]!, { access: "anyone" });
      Object.assign(shape("Conversation").properties, { title: { type: "string" } });
    });
    expect(wider).toEqual([]);
  });
});
