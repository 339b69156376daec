import { pipeline } from "node:stream/promises";
import { Id } from "@warble/contracts";
import { type Request, type RequestHandler, type Response, Router } from "express";
import { type App, bearerOf } from "../../platform/context";
import { toWarbleError, WarbleError } from "../../platform/error";
import { refuse } from "../../platform/reply";
import { authenticate } from "../auth/session.service";
import type { ExportRecord } from "./export.model";
import { findReady } from "./export.service";
import { readFile } from "./export-file.service";

/** Where people fetch the files of their data: `GET /<id>`, signed as calls are, so that no address opens anything. */
export function exportPage(app: App): Router {
  const page = Router();
  page.get("/:id", send(app));
  return page;
}

const send =
  (app: App): RequestHandler =>
  async (request, response) => {
    const record = await find(app, request, response).catch((error: unknown) => {
      const refusal = toWarbleError(error);
      if (refusal.reason === "INTERNAL") throw error;
      refuse(response, refusal);
    });
    if (record) await stream(app, record, response);
  };

async function find(app: App, request: Request, response: Response): Promise<ExportRecord> {
  const token = bearerOf(request.headers.authorization);
  const bearer = token ? await authenticate(app, token) : null;
  if (!bearer) throw new WarbleError("NOT_SIGNED_IN");
  const { viewer } = bearer;
  const setHeader = (name: string, value: string) => void response.setHeader(name, value);
  await app.limiter.general({ viewer, ip: "", setHeader });
  const id = Id.safeParse(request.params.id).data;
  const record = id === undefined ? null : await findReady(viewer.id, id);
  if (!record) throw new WarbleError("NOT_FOUND");
  return record;
}

async function stream(app: App, { _id, bytes, createdAt }: ExportRecord, response: Response): Promise<void> {
  response.setHeader("content-type", "application/zip");
  response.setHeader("content-length", String(bytes));
  response.setHeader(
    "content-disposition",
    `attachment; filename="warble-${createdAt.toISOString().slice(0, 10)}.zip"`,
  );
  response.setHeader("cache-control", "no-store");
  // Whoever hangs up in the middle has no answer to be told of it.
  await pipeline(readFile(_id), response).catch((error: unknown) => {
    app.log.info({ err: error, exportId: String(_id) }, "an export was not fetched to its end");
  });
}
