import { randomBytes } from "node:crypto";
import { LIMITS } from "@warble/contracts";
import { type RequestHandler, Router } from "express";

/** The page behind the link in the mail of a strike, for servers without a web app. Opening it uses nothing up. */
export function appealPage(): Router {
  const page = Router();
  page.get("/", show);
  return page;
}

const show: RequestHandler = (_request, response) => {
  const nonce = randomBytes(16).toString("base64");
  response.setHeader(
    "content-security-policy",
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  response.setHeader("cache-control", "no-store");
  response.type("html").send(render(nonce));
};

const STYLE = `body{font:17px/1.5 system-ui,sans-serif;color:#1d2733;background:#f5f8fa;margin:0}
main{max-width:26rem;margin:12vh auto;padding:2rem 1.5rem;background:#fff;border-radius:12px}
h1{font-size:1.4rem;margin:0 0 .5rem}p{overflow-wrap:anywhere}
textarea{font:inherit;width:100%;box-sizing:border-box;min-height:9rem;padding:.6rem;border:1px solid #8899a6;border-radius:8px}
button{font:inherit;width:100%;margin-top:.8rem;padding:.8rem;border:0;border-radius:8px;background:#0b63c4;color:#fff}
:focus-visible{outline:3px solid #8ec1f7;outline-offset:2px}button:disabled{opacity:.6}`;

const SCRIPT = `const form = document.querySelector("div"), text = document.querySelector("textarea");
const button = document.querySelector("button"), said = document.querySelector("output");
form.hidden = false;
button.onclick = async () => {
  button.disabled = true;
  try {
    const token = new URLSearchParams(location.search).get("token");
    const reply = await fetch("/trpc/moderation.appeal", {
      method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, text: text.value }),
    });
    const { error } = await reply.json();
    form.hidden = reply.ok;
    button.disabled = reply.ok || error.data.reason === "BAD_TOKEN";
    said.textContent = reply.ok ? "Somebody else will look at it. You will have a mail." :
      error.data.reason === "BAD_INPUT" ? "Say what is wrong, and open the whole link from the mail." : error.message;
  } catch {
    button.disabled = false;
    said.textContent = "Warble cannot be reached: try again.";
  }
};`;

const render = (nonce: string): string => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Appeal - Warble</title><style nonce="${nonce}">${STYLE}</style>
<main><h1>Appeal</h1><p>Say what the moderators have got wrong. You can say it once; somebody else looks at it.</p>
<div hidden><label>What is wrong? <textarea maxlength="${LIMITS.appeal}"></textarea></label>
<button>Send it</button></div><p><output></output></p>
<noscript>Switch JavaScript on for this page, then open the link again.</noscript></main>
<script nonce="${nonce}">${SCRIPT}</script></html>
`;
