import { randomBytes } from "node:crypto";
import { type RequestHandler, Router } from "express";

/** The page behind the link of the verification mail, for servers without a web app. Opening it uses nothing up. */
export function verifyEmailPage(): Router {
  const page = Router();
  page.get("/", show);
  return page;
}

// Mail scanners open links, so only the button verifies: it posts the token to the API.
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
button{font:inherit;width:100%;padding:.8rem;border:0;border-radius:8px;background:#0b63c4;color:#fff}
button:focus-visible{outline:3px solid #8ec1f7;outline-offset:2px}button:disabled{opacity:.6}`;

const SCRIPT = `const button = document.querySelector("button"), said = document.querySelector("output");
button.hidden = false;
button.onclick = async () => {
  button.disabled = true;
  try {
    const token = new URLSearchParams(location.search).get("token");
    const reply = await fetch("/trpc/auth.verifyEmail", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }),
    });
    const { error } = await reply.json();
    button.hidden = reply.ok;
    button.disabled = reply.ok || error.data.httpStatus < 429;
    said.textContent = reply.ok ? "Your address is verified. You can go back to Warble." :
      error.data.reason === "BAD_INPUT" ? "This link is not complete: open it from the mail again." : error.message;
  } catch {
    button.disabled = false;
    said.textContent = "Warble cannot be reached: try again.";
  }
};`;

const render = (nonce: string): string => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Verify your e-mail address - Warble</title><style nonce="${nonce}">${STYLE}</style>
<main><h1>Verify your e-mail address</h1><p>One press, and you can post, follow and write to people.</p>
<button hidden>Verify my address</button><p><output></output></p>
<noscript>Switch JavaScript on for this page, then open the link again.</noscript></main>
<script nonce="${nonce}">${SCRIPT}</script></html>
`;
