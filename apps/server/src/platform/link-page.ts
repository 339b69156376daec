import { randomBytes } from "node:crypto";
import { type Response, Router } from "express";

/** A page behind a link in a mail, for servers without a web app. */
interface LinkPage {
  /** What the button calls with the link's token. */
  procedure: string;
  title: string;
  lead: string;
  /** What is to be written before, and sent along as `text`. */
  asks?: { label: string; max: number };
  button: string;
  /** What it says afterwards. */
  done: string;
}

/** Serves such a page. Mail scanners open links, so opening it uses nothing up: only the button posts the token to the API. */
export const linkPage = (page: LinkPage): Router =>
  Router().get("/", (_request, response) => show(page, response));

function show(page: LinkPage, response: Response): void {
  const nonce = randomBytes(16).toString("base64");
  response.setHeader(
    "content-security-policy",
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  response.setHeader("cache-control", "no-store");
  response.type("html").send(render(page, nonce));
}

const STYLE = `body{font:17px/1.5 system-ui,sans-serif;color:#1d2733;background:#f5f8fa;margin:0}
main{max-width:26rem;margin:12vh auto;padding:2rem 1.5rem;background:#fff;border-radius:12px}
h1{font-size:1.4rem;margin:0 0 .5rem}p{overflow-wrap:anywhere}
textarea{font:inherit;width:100%;box-sizing:border-box;min-height:9rem;margin-bottom:.8rem;padding:.6rem;border:1px solid #8899a6;border-radius:8px}
button{font:inherit;width:100%;padding:.8rem;border:0;border-radius:8px;background:#0b63c4;color:#fff}
:focus-visible{outline:3px solid #8ec1f7;outline-offset:2px}button:disabled{opacity:.6}`;

/** What it says when the token, or what was written, cannot be one. */
const unfit = ({ asks }: LinkPage): string =>
  asks
    ? "Write something, and open the whole link from the mail."
    : "This link is not complete: open it from the mail again.";

// A link that did not work once will not; what was written can be written again.
const scriptOf = (page: LinkPage): string => `const form = document.querySelector("div");
const button = document.querySelector("button"), said = document.querySelector("output");
form.hidden = false;
button.onclick = async () => {
  button.disabled = true;
  try {
    const token = new URLSearchParams(location.search).get("token");
    const text = document.querySelector("textarea")?.value;
    const reply = await fetch("/trpc/${page.procedure}", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token, text }),
    });
    const { error } = await reply.json();
    const unfit = error?.data.reason === "BAD_INPUT";
    form.hidden = reply.ok;
    button.disabled = reply.ok || (unfit ? ${page.asks === undefined} : error.data.httpStatus < 429);
    said.textContent = reply.ok ? ${JSON.stringify(page.done)} : unfit ? ${JSON.stringify(unfit(page))} : error.message;
  } catch {
    button.disabled = false;
    said.textContent = "Warble cannot be reached: try again.";
  }
};`;

const asking = (asks: LinkPage["asks"]): string =>
  asks ? `<label>${asks.label} <textarea maxlength="${asks.max}"></textarea></label>` : "";

const render = (
  page: LinkPage,
  nonce: string,
): string => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} - Warble</title><style nonce="${nonce}">${STYLE}</style>
<main><h1>${page.title}</h1><p>${page.lead}</p>
<div hidden>${asking(page.asks)}<button>${page.button}</button></div><p><output></output></p>
<noscript>Switch JavaScript on for this page, then open the link again.</noscript></main>
<script nonce="${nonce}">${scriptOf(page)}</script></html>
`;
