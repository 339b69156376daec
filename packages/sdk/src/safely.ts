/** Calls what the SDK's user handed in: what it throws is shown like any uncaught error, and breaks nothing here. */
export function safely(call: () => void): void {
  try {
    call();
  } catch (error) {
    const report: ((error: unknown) => void) | undefined = globalThis.reportError;
    if (report) report(error);
    // biome-ignore lint/suspicious/noConsole: Node has no reportError, and to rethrow would end the process.
    else console.error(error);
  }
}
