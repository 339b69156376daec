import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** A door to several servers: each connection goes to the next, whoever it comes from. */
export interface Door {
  url: string;
  close(): Promise<void>;
}

/** Opens a TCP proxy on loopback that hands connections out in turns, so that nothing sticks to a node. */
export async function roundRobin(urls: string[]): Promise<Door> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer((near) => {
    const url = new URL(urls[turn++ % urls.length]!);
    const far = dial(Number(url.port), url.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
