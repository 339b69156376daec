const WIDTH = 30;

/** Shows on a terminal how far something has come; where there is none, it says once what is done. */
export function progress(what: string, total: number): (done: number) => void {
  const { stderr } = process;
  if (!stderr.isTTY) {
    stderr.write(`Making ${what} …\n`);
    return () => undefined;
  }
  return (done) => {
    const share = Math.min(1, done / total);
    const bar = "█".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, "░");
    stderr.write(`\r${bar} ${String(Math.floor(share * 100)).padStart(3)} % ${what}`);
    if (share === 1) stderr.write("\n");
  };
}
