import { createRequire } from "node:module";
import { dirname } from "node:path";
import express, { type RequestHandler, Router } from "express";
import type { Policy } from "../platform/policy";
import { asyncApiOf } from "./asyncapi";
import { contractOf, type Procedures } from "./contract";
import { EVENTS_STYLE, eventsPage } from "./events-page";
import { openApiOf } from "./openapi";

const HOUR_MS = 3_600_000;

/** The API for other languages and for people, by path. Everything is put together when it is first asked for. */
export function docsPages(procedures: Procedures, policy: Policy): Record<string, Router> {
  const contract = once(() => contractOf(procedures));
  const openApi = once(() => JSON.stringify(openApiOf(contract(), policy)));
  const asyncApi = once(() => JSON.stringify(asyncApiOf(contract())));
  const events = once(() => eventsPage(contract()));
  const page = Router()
    .use(secured)
    .get("/", (_request, response) => void response.type("html").send(PAGE))
    .get("/events", (_request, response) => void response.type("html").send(events()))
    .get("/page.js", (_request, response) => void response.type("js").send(SCRIPT))
    .get("/page.css", (_request, response) => void response.type("css").send(STYLE))
    .get("/events.css", (_request, response) => void response.type("css").send(EVENTS_STYLE))
    .use(bundle());
  return { "/openapi.json": document(openApi), "/asyncapi.json": document(asyncApi), "/docs": page };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Anybody may read it, from any page: it says nothing of anyone. */
const document = (text: () => string): Router =>
  Router().get("/", (_request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.type("json").send(text());
  });

/** Nothing but what this server itself brings. */
const secured: RequestHandler = (_request, response, next) => {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  response.setHeader("content-security-policy", policy.join("; "));
  next();
};

const FILES = ["/swagger-ui-bundle.js", "/swagger-ui.css"];

function bundle(): RequestHandler {
  const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  const files = express.static(folder, { maxAge: HOUR_MS, index: false, redirect: false });
  return (request, response, next) => {
    if (!FILES.includes(request.path)) return next();
    response.removeHeader("cache-control");
    files(request, response, next);
  };
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Warble API</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="stylesheet" href="/docs/page.css">
<main id="page"></main>
<noscript>Switch JavaScript on for this page, or read <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/page.js"></script></html>
`;

const SCRIPT = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

const STYLE = `body { margin: 0; }
.swagger-ui .opblock .opblock-summary-path { overflow-wrap: anywhere; }
.swagger-ui .info { margin: 24px 0; }
@media (max-width: 40rem) {
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-description { flex: 1 0 100%; padding: 0 10px 4px; text-align: left; }
  .swagger-ui .opblock-tag { flex-wrap: wrap; font-size: 20px; }
  .swagger-ui table { display: block; overflow-x: auto; }
}
`;
