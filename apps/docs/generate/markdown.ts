/** A table; what has no rows is empty. */
export function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return "";
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

/** Text in which nothing is markup of a page: `<`, `{{` and what is written in capitals becomes code. */
export const prose = (text: string): string =>
  text
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replaceAll("<", "&lt;")
    .replaceAll("{{", "&#123;&#123;")
    .replace(/(?<!`)\b([A-Z]+(?:_[A-Z]+)+|CONFLICT|RESYNC|FORBIDDEN|BLOCKING)\b(?!`)/g, "`$1`");

export const code = (text: string): string => (text ? `\`${text}\`` : "");
