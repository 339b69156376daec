import { chartSvg } from "./chart";
import type { Profile } from "./profile";
import { COST_HEAD, cellsOf, cellsOfCost, isMet, LINE_HEAD, type Line, type Report, stateOf } from "./report";

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --dim: #646b73; --rule: #d9dde1; --paper: #fff; --card: #f6f7f8;
  --met: #1a7f37; --missed: #c2292e; --a: #1f6feb; --b: #c4540a; --c: #8250df; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --dim: #9aa3ad; --rule: #363c43; --paper: #14171a;
  --card: #1c2024; --met: #4ac26b; --missed: #ff7b72; --a: #6cb0ff; --b: #f0a35e; --c: #bf9bff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .7rem; }
p { margin: .3rem 0; color: var(--dim); }
.met { color: var(--met); } .missed { color: var(--missed); font-weight: 600; } .none { color: var(--dim); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: .85rem; }
th, td { padding: .38rem .7rem .38rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
.lines td:nth-child(n+3):nth-child(-n+6), .costs td:nth-child(n+2) { white-space: nowrap; }
.lines :is(th, td):nth-child(n+3):nth-child(-n+5), .costs :is(th, td):nth-child(n+2) { text-align: right; }
.wide { overflow-x: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1rem; }
figure { display: flex; flex-direction: column; margin: 0; padding: .8rem; background: var(--card); border-radius: 8px; }
figcaption { font-weight: 600; margin-bottom: .2rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; color: var(--dim); font-size: .85rem; min-height: 1.3em; }
.legend i { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .35em; }
svg { display: block; width: 100%; height: auto; margin-top: auto; overflow: visible; }
svg text { fill: var(--dim); font: 11px system-ui, sans-serif; }
svg .grid { stroke: var(--rule); } svg .series { fill: none; stroke-width: 2; }
.lines small { font-size: .85rem; font-weight: 400; color: var(--dim); }
@media (max-width: 50rem) {
  .lines thead { display: none; }
  .lines tr { position: relative; display: flex; flex-wrap: wrap; gap: 0 .9rem; padding: .5rem 0 .5rem 2.5rem;
    border-bottom: 1px solid var(--rule); }
  .lines td { border: 0; padding: 0; }
  .lines td:first-child { position: absolute; left: 0; color: var(--dim); }
  .lines td:nth-child(2) { flex-basis: 100%; }
  .lines td:empty { display: none; }
  .lines td[data-name]::before { content: attr(data-name) " "; color: var(--dim); }
}`;

/** A page with all that a run has found, which needs nothing else to be read. */
export function pageOf(report: Report): string {
  const { size, at, seconds, cores, node, lines, charts, costs, profiles } = report;
  const when = `${at.slice(0, 16).replace("T", " ")} UTC`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Warble: what it costs</title>
<style>${STYLE}
</style>
</head>
<body>
<h1>What Warble costs</h1>
<p>Size ${escaped(size)}, ${when}, ${Math.round(seconds)} s on ${cores} cores with Node ${node}.
What it is held against was measured in the same run: ratios say more than figures.</p>
${summaryOf(lines)}
<h2>Lines</h2>
<table class="lines">${headOf([...LINE_HEAD, ""])}<tbody>
${lines.map(rowOf).join("\n")}
</tbody></table>
${
  costs.length === 0
    ? ""
    : `<h2>One call, with all that follows from it</h2>
<div class="wide"><table class="costs">${headOf(COST_HEAD)}<tbody>
${costs.map((cost) => `<tr>${cellsOfCost(cost).map(cell).join("")}</tr>`).join("\n")}
</tbody></table></div>`
}
${
  charts.length === 0
    ? ""
    : `<h2>How costs grow</h2>
<div class="charts">${charts.map(chartSvg).join("\n")}</div>`
}
${profiles.length === 0 ? "" : `<h2>Where the computing went</h2>\n${profiles.map(profileOf).join("\n")}`}
</body>
</html>
`;
}

function summaryOf(lines: Line[]): string {
  const wanted = lines.filter(({ target }) => target);
  const count = (met: boolean | undefined) => wanted.filter((line) => isMet(line) === met).length;
  return `<p class="sum"><b class="met">${count(true)} met</b>, <b class="missed">${count(false)} missed</b>,
<b class="none">${count(undefined)} not measured</b></p>`;
}

function rowOf(line: Line): string {
  const met = isMet(line);
  const state = met === undefined ? "none" : met ? "met" : "missed";
  const cells = cellsOf(line).map(escaped);
  const tds = cells.map((text, column) => {
    // On a phone there is no head above these.
    const name = [3, 4].includes(column) ? ` data-name="${LINE_HEAD[column]}"` : "";
    return `<td${name}>${text}</td>`;
  });
  const note = line.note ? `<br><small>${escaped(line.note)}</small>` : "";
  const last = stateOf(line) || note ? `<span class="${state}">${stateOf(line)}</span>${note}` : "";
  return `<tr>${tds.join("")}<td>${last}</td></tr>`;
}

/** A server's computing from its start to its end, by what the code belongs to. */
const profileOf = ({ of, seconds, parts }: Profile): string =>
  `<p><b>${escaped(of)}</b>, ${seconds.toFixed(1)} s: ${parts
    .map(([name, percent]) => `${escaped(name)} ${percent.toFixed(1)} %`)
    .join(", ")}</p>`;

const headOf = (head: string[]): string =>
  `<thead><tr>${head.map((text) => `<th>${escaped(text)}</th>`).join("")}</tr></thead>`;

const cell = (text: string): string => `<td>${escaped(text)}</td>`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
