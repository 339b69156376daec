import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { Transform } from "node:stream";

const FIN_MS = 50;

/** A door to several servers: each connection goes to the next, whoever it comes from. */
export interface Door {
  url: string;
  close(): Promise<void>;
}

/** When a connection is cut, after so many bytes each way, and whether by RST; else by FIN. */
export interface Cut {
  up: number;
  down: number;
  reset: boolean;
}

/**
 * Opens a TCP proxy on loopback that hands connections out in turns, so that nothing sticks to a node.
 * @param plan says of each new connection when it is cut; undefined when never
 * @param cutOne is called at each cut
 */
export async function roundRobin(
  urls: string[],
  plan: () => Cut | undefined = () => undefined,
  cutOne: () => void = () => undefined,
): Promise<Door> {
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
    const cut = plan();
    if (!cut) return void near.pipe(far).pipe(near);
    const blow = () => {
      cutOne();
      for (const socket of [near, far]) sever(socket, cut.reset);
    };
    near.pipe(fuse(cut.up, blow)).pipe(far).pipe(fuse(cut.down, blow)).pipe(near);
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

/** Lets so many bytes through, wherever in a frame the last of them is, and no more. */
function fuse(bytes: number, blow: () => void): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const passed = chunk.subarray(0, left);
      left -= passed.length;
      if (left > 0) return done(null, passed);
      this.push(passed);
      setImmediate(blow);
    },
  });
}

function sever(socket: Socket, reset: boolean): void {
  if (reset) return void socket.resetAndDestroy();
  socket.end();
  setTimeout(() => socket.destroy(), FIN_MS);
}
