import { randomBytes } from "node:crypto";
import { type Response, Router } from "express";

interface LinkPage {
  /** What the button calls with the link's token. */
  procedure: string;
  title: string;
  lead: string;
  button: string;
  /** What it says afterwards. */
  done: string;
}

const PAGES: Record<string, LinkPage> = {
  "/verify-email": {
    procedure: "auth.verifyEmail",
    title: "Verify your e-mail address",
    lead: "One press, and you can post, follow and write to people.",
    button: "Verify my address",
    done: "Your address is verified. You can go back to Warble.",
  },
  "/confirm-email-change": {
    procedure: "auth.confirmEmailChange",
    title: "Change your e-mail address",
    lead: "One press, and this is the address of your account. Other devices are signed out.",
    button: "Change my address",
    done: "Your address is changed. You can go back to Warble.",
  },
  "/undo-email-change": {
    procedure: "auth.undoEmailChange",
    title: "Put your e-mail address back",
    lead: "One press, and the address that this link was mailed to is yours again. Every device is signed out, and the password works no more.",
    button: "Put my address back",
    done: "Your address is back. Now choose a new password: ask for a reset with this address.",
  },
};

/** The pages behind the links in mails, by path, for servers without a web app. Opening one uses nothing up. */
export const linkPages = (): Record<string, Router> =>
  Object.fromEntries(
    Object.entries(PAGES).map(([path, page]) => [
      path,
      Router().get("/", (_request, response) => show(page, response)),
    ]),
  );

// Mail scanners open links, so only the button does something: it posts the token to the API.
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
button{font:inherit;width:100%;padding:.8rem;border:0;border-radius:8px;background:#0b63c4;color:#fff}
button:focus-visible{outline:3px solid #8ec1f7;outline-offset:2px}button:disabled{opacity:.6}`;

const scriptOf = ({
  procedure,
  done,
}: LinkPage): string => `const button = document.querySelector("button"), said = document.querySelector("output");
button.hidden = false;
button.onclick = async () => {
  button.disabled = true;
  try {
    const token = new URLSearchParams(location.search).get("token");
    const reply = await fetch("/trpc/${procedure}", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }),
    });
    const { error } = await reply.json();
    button.hidden = reply.ok;
    button.disabled = reply.ok || error.data.httpStatus < 429;
    said.textContent = reply.ok ? ${JSON.stringify(done)} :
      error.data.reason === "BAD_INPUT" ? "This link is not complete: open it from the mail again." : error.message;
  } catch {
    button.disabled = false;
    said.textContent = "Warble cannot be reached: try again.";
  }
};`;

const render = (
  page: LinkPage,
  nonce: string,
): string => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} - Warble</title><style nonce="${nonce}">${STYLE}</style>
<main><h1>${page.title}</h1><p>${page.lead}</p>
<button hidden>${page.button}</button><p><output></output></p>
<noscript>Switch JavaScript on for this page, then open the link again.</noscript></main>
<script nonce="${nonce}">${scriptOf(page)}</script></html>
`;
