import { createApp, type Running } from "./app";
import { readConfig } from "./config";
import { explain } from "./explain";

const LAST_RESORT_MS = 10_000;

/**
 * Runs the server until it is told to stop: SIGTERM or SIGINT finish what is under way. A start that fails says
 * why on one line and exits with 1.
 * @param env the environment to configure it from
 * @param started called once it listens
 */
export async function run(
  env: NodeJS.ProcessEnv,
  started?: (running: Running) => Promise<void>,
): Promise<void> {
  try {
    const running = await createApp(readConfig(env));
    running.app.log.info({ url: running.app.publicUrl, inbox: running.inboxUrl }, "Warble listens");
    stopOnSignals(running);
    await started?.(running);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

function stopOnSignals({ app, close }: Running): void {
  let stopping = false;
  const stop = (signal: string, code: number) => {
    if (stopping) return;
    stopping = true;
    app.log.info({ signal }, "stopping");
    setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
    close().then(
      () => process.exit(code),
      (error) => {
        app.log.error({ err: error }, "could not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => stop("SIGTERM", 0));
  process.on("SIGINT", () => stop("SIGINT", 0));
  process.on("unhandledRejection", (error) => {
    app.log.fatal({ err: error }, "unhandled rejection");
    stop("unhandledRejection", 1);
  });
  process.on("uncaughtException", (error) => {
    app.log.fatal({ err: error }, "uncaught exception");
    stop("uncaughtException", 1);
  });
}
