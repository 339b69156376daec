import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Env, Wheel } from "./recipe";

const LIST_MS = 15_000;
const FILE_MS = 600_000;

/** The package index that the environment or pip's configuration names, for machines without pip. */
export async function indexUrl(env: Env): Promise<URL | undefined> {
  const home = env.HOME || homedir();
  const configs = [
    env.PIP_CONFIG_FILE,
    join(env.XDG_CONFIG_HOME || join(home, ".config"), "pip", "pip.conf"),
    join(home, ".pip", "pip.conf"),
    "/etc/pip.conf",
  ];
  let named = env.PIP_INDEX_URL;
  for (const config of configs) {
    if (named) break;
    const text = config ? await readFile(config, "utf8").catch(() => "") : "";
    named = /^\s*index[-_]url\s*[=:]\s*(\S+)/m.exec(text)?.[1];
  }
  return named ? new URL(named) : undefined;
}

/** Downloads the wheel from an index that speaks PEP 691 (JSON) or PEP 503 (HTML). */
export async function downloadFromIndex(index: URL, wheel: Wheel, dir: string): Promise<void> {
  const listUrl = new URL(`${index.pathname.replace(/\/$/, "")}/${wheel.project}/`, index);
  const list = await get(listUrl, index, LIST_MS);
  const fileUrl = new URL(findLink(await list.text(), wheel), list.url);
  const file = await get(fileUrl, index, FILE_MS);
  if (!file.body) throw new Error(`${fileUrl.host} answers nothing for ${wheel.filename}`);
  await pipeline(file.body, atMost(wheel.bytes), createWriteStream(join(dir, wheel.filename)));
}

async function get(url: URL, index: URL, timeout: number): Promise<Response> {
  const headers: Record<string, string> = {
    accept: "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1",
  };
  if (index.username && url.origin === index.origin) {
    const login = `${decodeURIComponent(index.username)}:${decodeURIComponent(index.password)}`;
    headers.authorization = `Basic ${Buffer.from(login).toString("base64")}`;
  }
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  const answer = await fetch(bare, { headers, signal: AbortSignal.timeout(timeout) }).catch((error) => {
    throw new Error(`the package index at ${url.host} does not answer`, { cause: error.cause ?? error });
  });
  if (!answer.ok) throw new Error(`the package index at ${url.host} answers ${answer.status}`);
  return answer;
}

function findLink(page: string, { filename }: Wheel): string {
  const link = page.trimStart().startsWith("{") ? linkInJson(page, filename) : linkInHtml(page, filename);
  if (!link) throw new Error(`the package index has no ${filename}`);
  return link;
}

function linkInJson(page: string, filename: string): string | undefined {
  const { files } = JSON.parse(page) as { files?: { filename?: string; url?: string }[] };
  return files?.find((file) => file.filename === filename)?.url;
}

function linkInHtml(page: string, filename: string): string | undefined {
  const links = [...page.matchAll(/href\s*=\s*["']([^"']+)["']/gi)].map(([, href = ""]) =>
    href.replaceAll("&amp;", "&"),
  );
  return links.find((href) => href.replace(/[?#].*$/, "").endsWith(filename));
}

function atMost(bytes: number) {
  return async function* (chunks: AsyncIterable<Uint8Array>) {
    let seen = 0;
    for await (const chunk of chunks) {
      seen += chunk.length;
      if (seen > bytes)
        throw new Error(`the package index sends more than the ${bytes} bytes that it should`);
      yield chunk;
    }
  };
}
