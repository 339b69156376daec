import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import mongoose from "mongoose";
import type { EntryRecord } from "../../src/features/posts/entry.model";
import type { LikeRecord } from "../../src/features/posts/like.model";
import type { TweetRecord } from "../../src/features/posts/post.model";
import type { EdgeRecord } from "../../src/features/relationships/edge.model";
import type { UserRecord } from "../../src/features/users/user.model";
import { answerBench } from "../answer";

export const { Binary, ObjectId } = mongoose.mongo;

/** A client of the bare driver, on the database that the target is given; it writes as safely as the product. */
export const client = await mongoose.mongo.MongoClient.connect(process.argv[2] ?? "", {
  readConcernLevel: "majority",
  writeConcern: { w: "majority", journal: true },
  maxPoolSize: 50,
});
const db = client.db();

/** The product's collections that floors read and write. */
export const collections = {
  users: db.collection<UserRecord>("users"),
  edges: db.collection<EdgeRecord>("edges"),
  posts: db.collection<TweetRecord>("posts"),
  entries: db.collection<EntryRecord>("entries"),
  likes: db.collection<LikeRecord>("likes"),
};

/**
 * Serves what a floor answers on nothing but node:http.
 * @param answer gets the id of who asks, which a floor believes, and what they send
 */
export function serveBare(answer: (viewerId: string, body: string) => Promise<string>): void {
  const http = createServer(async (request, response) => {
    const viewerId = request.headers.authorization?.slice("Bearer ".length) ?? "";
    try {
      const said = await answer(viewerId, await textOf(request));
      const length = Buffer.byteLength(said);
      response.writeHead(200, { "content-type": "application/json", "content-length": length }).end(said);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  http.listen(0, () => {
    const { port } = http.address() as AddressInfo;
    answerBench(`http://localhost:${port}`, { client });
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  if (request.method === "POST") for await (const chunk of request) text += chunk;
  return text;
}
