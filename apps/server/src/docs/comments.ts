import comments from "./comments.json";

const said: Partial<Record<string, string>> = comments;

/** What the code says of a procedure (`tweets.get`), a call of the socket (`chat:send`), a shape (`Tweet`) or a field of one. */
export const commentOn = (name: string): string => said[name] ?? "";
