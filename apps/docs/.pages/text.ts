import { stage } from "../test/stage"; const { mailed, console, printed } = await stage({"page":"text","people":[],"admins":[]}); void mailed;





import { LIMITS, weightOf } from "@warble/sdk";

const left = (content: string) => LIMITS.postWeight - weightOf(content);
console.log(left("Swifts are back"));
await printed("265", 11);
console.log(left("燕が戻った 🐦"));
await printed("267", 13);
console.log(left("https://example.com/a/very/long/address/that/counts/as/every/other"));
await printed("257", 15);










import { parseText } from "@warble/sdk";

const { text, weight, spans } = parseText("Ask @alice about #gulls, see example.com");
for (const { type, start, end } of spans) console.log(type, text.slice(start, end));
await printed("mention @alice", 30);
await printed("hashtag #gulls", 31);
await printed("url example.com", 32);
console.log(weight);
await printed("52", 34);











import type { Tweet } from "@warble/sdk";

function* partsOf({ content, entities }: Pick<Tweet, "content" | "entities">) {
  let from = 0;
  for (const entity of entities) {
    yield { entity: null, text: content.slice(from, entity.start) };
    yield { entity, text: content.slice(entity.start, entity.end) };
    from = entity.end;
  }
  yield { entity: null, text: content.slice(from) };
}

const hashtag = { type: "hashtag" as const, start: 4, end: 10, tag: "gulls" };
for (const part of partsOf({ content: "See #gulls fly", entities: [hashtag] })) {
  console.log(part.entity?.type ?? "text", JSON.stringify(part.text));
}
await printed("text \"See \"", 62);
await printed("hashtag \"#gulls\"", 63);
await printed("text \" fly\"", 64);








import { Register } from "@warble/sdk";

const checked = Register.safeParse({ username: "al", email: "al@example", password: "short" });
for (const { path, message } of checked.error?.issues ?? []) console.log(`${path.join(".")}: ${message}`);
await printed("username: must be 3 to 15 letters, digits or underscores", 77);
await printed("email: must be one plain e-mail address", 78);
await printed("password: must be at least 12 characters", 79);



