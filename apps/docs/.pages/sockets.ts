import { stage } from "../test/stage"; const { enzo, faye, mailed, console, printed } = await stage({"page":"sockets","people":["enzo","faye"],"admins":[]}); void mailed;










import type { ClientToServer, ServerToClient } from "@warble/sdk";
import { io, type Socket } from "socket.io-client";

const token = (await enzo.auth.tokens())?.accessToken;
const socket: Socket<ServerToClient, ClientToServer> = io("http://localhost:43921/chat", {
  auth: { token },
  transports: ["websocket"],
});
const ready = await new Promise<{ event: number; expiresIn: number }>((resolve, reject) => {
  socket.once("chat:ready", resolve);
  socket.once("connect_error", reject);
});
console.log(ready.expiresIn > 500);
await printed("true", 25);









const { id: to } = await enzo.api.users.get.query({ username: "faye" });
const answer = await socket.emitWithAck("chat:send", { clientId: crypto.randomUUID(), to, content: "Ahoy" });
if (answer.ok) console.log(answer.message.number, answer.message.content);
await printed("1 Ahoy", 38);

const refused = await socket.emitWithAck("chat:send", {
  clientId: "1",
  to: "0".repeat(24),
  content: "Anybody?",
});
if (!refused.ok) console.log(refused.reason);
await printed("USER_NOT_FOUND", 46);










const arrived = new Promise<number>((resolve) => {
  socket.on("chat:message", ({ event, message }) => {
    if (message.content === "Ahoy yourself") resolve(event);
  });
});
await faye.chat.send({
  to: (await faye.api.users.get.query({ username: "enzo" })).id,
  content: "Ahoy yourself",
});
const lastEvent = await arrived;
socket.disconnect();

await faye.chat.send({
  to: (await faye.api.users.get.query({ username: "enzo" })).id,
  content: "Still there?",
});
const back: Socket<ServerToClient, ClientToServer> = io("http://localhost:43921/chat", {
  auth: { token, lastEvent },
  transports: ["websocket"],
  forceNew: true,
});
back.on("chat:message", ({ message }) => console.log(message.content));
await printed("Still there?", 79);
back.disconnect();






