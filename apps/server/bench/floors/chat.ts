// The least that a chat server can do and be honest: it stores each message with majority, then answers and emits it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import mongoose from "mongoose";
import { Server } from "socket.io";
import { answerBench } from "../answer";

interface Sent {
  clientId: string;
  to: string;
  content: string;
}

const client = await mongoose.mongo.MongoClient.connect(process.argv[2] ?? "");
const messages = client.db().collection("messages", { writeConcern: { w: "majority" } });

const http = createServer();
const io = new Server(http, { serveClient: false });
const chat = io.of("/chat");
chat.on("connection", async (socket) => {
  const senderId = String(socket.handshake.auth.token);
  await socket.join(senderId);
  socket.emit("chat:ready", { event: 0 });
  socket.on("chat:send", async ({ clientId, to, content }: Sent, ack: (answer: object) => void) => {
    const message = { clientId, senderId, to, content, createdAt: new Date() };
    await messages.insertOne(message);
    chat.to([senderId, to]).emit("chat:message", { message });
    ack({ ok: true, message });
  });
});
http.listen(0, () => {
  const { port } = http.address() as AddressInfo;
  const people = async (count: number) =>
    Array.from({ length: count }, () => {
      const id = String(new mongoose.Types.ObjectId());
      return { id, token: id };
    });
  answerBench(`http://localhost:${port}`, { client, people });
});
