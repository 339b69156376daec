import { type PassThrough, Readable } from "node:stream";
import { ZipFile } from "yazl";
import { now, nowMs } from "../../platform/clock";
import type { ViewerContext } from "../../platform/context";
import { CONTENTS } from "./export-content.service";

const KEPT_MS = 10_000;

/** A zip of all that is the viewer's, made as it is read; `keep` is called now and then. */
export function openArchive(ctx: ViewerContext, keep: () => Promise<void>): Readable {
  const zip = new ZipFile();
  const archive = zip.outputStream as PassThrough;
  zip.on("error", (error: Error) => archive.destroy(error));
  const mtime = now();
  zip.addBuffer(Buffer.from(readme(ctx)), "README.txt", { mtime });
  let kept = nowMs();
  const keepOn = async () => {
    if (nowMs() - kept < KEPT_MS) return;
    kept = nowMs();
    await keep();
  };
  for (const { name, lines } of CONTENTS) {
    // Nothing is read of it before all that is in front of it has been.
    zip.addReadStream(Readable.from(textOf(lines(ctx), keepOn)), `${name}.jsonl`, { mtime });
  }
  zip.end();
  return archive;
}

async function* textOf(lines: AsyncIterable<object>, keepOn: () => Promise<void>): AsyncGenerator<Buffer> {
  for await (const line of lines) {
    await keepOn();
    yield Buffer.from(`${JSON.stringify(line)}\n`);
  }
}

const readme = ({ viewer }: ViewerContext): string =>
  [
    `What Warble has of @${viewer.username}, as of ${now().toISOString()}.`,
    "Each file has one thing a line, in JSON; times are in UTC.",
    CONTENTS.map(({ name, says }) => `${name}.jsonl: ${says}`).join("\n"),
    "",
  ].join("\n\n");
