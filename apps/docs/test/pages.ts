import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const GUIDES = join(import.meta.dirname, "../guide");
/** What is printed: in a program `// -> text`, in a shell `# -> text`; `...` in it stands for anything. */
const PRINTED = { ts: /\/\/ -> (.*)$/, sh: /^# -> (.*)$/ };

/** A fenced block; `line` is that of its first line in the page. */
export interface Block {
  info: string;
  line: number;
  code: string[];
}

/** A page of the guide, with all that it wants to be run. */
export interface GuidePage {
  name: string;
  /** The file that its blocks become. */
  program: string;
  lines: number;
  /** Who is there, signed in, when the page begins; nobody else's page has them. */
  people: string[];
  admins: string[];
  blocks: Block[];
}

export function readPages(): GuidePage[] {
  const files = readdirSync(GUIDES).filter((file) => file.endsWith(".md"));
  return files.map((file) => {
    const lines = readFileSync(join(GUIDES, file), "utf8").split("\n");
    const listed = (key: string) =>
      lines
        .find((line) => line.startsWith(`${key}: [`))
        ?.match(/\w+/g)
        ?.slice(1);
    const blocks = blocksOf(lines);
    const name = file.slice(0, -".md".length);
    return {
      name,
      program: `${name}.${blocks.some(({ info }) => info === "tsx") ? "tsx" : "ts"}`,
      lines: lines.length,
      people: listed("people") ?? [],
      admins: listed("admins") ?? [],
      blocks,
    };
  });
}

function blocksOf(lines: string[]): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith("```")) open?.code.push(line);
    else if (open) open = undefined;
    else {
      open = { info: line.slice(3).trim(), line: index + 2, code: [] };
      blocks.push(open);
    }
  }
  return blocks;
}

/** The page as a module in which every line of code has the number that it has in the page. */
export function programOf({ name, lines, people, admins, blocks }: GuidePage, url: string): string {
  const program = Array.from({ length: lines }, () => "");
  const cast = JSON.stringify({ page: name, people, admins });
  const given = [...people, ...admins, "mailed", "console", "printed"].join(", ");
  program[0] = `import { stage } from "../test/stage"; const { ${given} } = await stage(${cast}); void mailed;`;
  for (const { line, code } of blocks.filter(({ info }) => /^tsx?$/.test(info))) {
    for (const [index, text] of code.entries()) {
      const number = line + index;
      const check = (_: string, expected: string) => `await printed(${JSON.stringify(expected)}, ${number});`;
      program[number - 1] = text.replace(PRINTED.ts, check).replaceAll("http://localhost:4000", url);
    }
  }
  return program.join("\n");
}

/** A block of a shell: what runs, and what it is to print. */
export function scriptOf({ code }: Block, url: string): { script: string; expected: string[] } {
  const expected = code.flatMap((line) => PRINTED.sh.exec(line)?.[1] ?? []);
  return { script: code.join("\n").replaceAll("http://localhost:4000", url), expected };
}

/** Whether `text` is what `expected` says, where `...` is anything. */
export const isAs = (text: string, expected: string): boolean =>
  new RegExp(`^${expected.split("...").map(escaped).join(".*")}$`, "s").test(text);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
