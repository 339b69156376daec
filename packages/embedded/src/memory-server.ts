import { cacheDir } from "./cache";
import type { Host } from "./recipe";

const PROBE_MS = 2_500;

/** The mongod of mongodb-memory-server: from its caches, else from MongoDB's download host. */
export async function downloadMongod({ env, log }: Host): Promise<string> {
  const { DryMongoBinary } = await import("mongodb-memory-server-core/lib/util/DryMongoBinary.js");
  const options = await DryMongoBinary.generateOptions({ downloadDir: cacheDir(env) });
  const cached = await DryMongoBinary.locateBinary(options);
  if (cached) return cached;

  const { MongoBinaryDownloadUrl } = await import(
    "mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js"
  );
  const url = await new MongoBinaryDownloadUrl(options).getDownloadUrl();
  // Without the probe its retries take many seconds where the host is out of reach. `fetch` knows no proxy.
  if (!env.HTTPS_PROXY && !env.https_proxy) await probe(url);
  log(`Fetching mongod ${options.version} from ${new URL(url).host} …`);
  const { MongoBinary } = await import("mongodb-memory-server-core/lib/util/MongoBinary.js");
  return MongoBinary.getPath(options);
}

async function probe(url: string): Promise<void> {
  const { host } = new URL(url);
  const answer = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(PROBE_MS) }).catch(
    (error) => {
      throw new Error(`${host} does not answer`, { cause: error.cause ?? error });
    },
  );
  if (!answer.ok) throw new Error(`${host} answers ${answer.status} for ${url}`);
}
