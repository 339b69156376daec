import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import mongoose from "mongoose";
import type { ObjectId } from "../../platform/id";

const FILES = "exports.files";
const CHUNKS = "exports.chunks";

/** Files in the database, each in many small pieces, so that none is ever in memory as a whole. */
function bucket(): mongoose.mongo.GridFSBucket {
  const { db } = mongoose.connection;
  if (!db) throw new mongoose.MongooseError("there is no connection to the database");
  return new mongoose.mongo.GridFSBucket(db, { bucketName: "exports" });
}

/** Stores what comes as a file. @returns how many bytes it has */
export async function storeFile(id: ObjectId, content: Readable): Promise<number> {
  const file = bucket().openUploadStreamWithId(id, `${id}.zip`);
  await pipeline(content, file);
  return file.length;
}

/** The content of a file. */
export const readFile = (id: ObjectId): Readable => bucket().openDownloadStream(id);

/** Removes a file, or what there is of one that was never finished. */
export async function dropFile(id: ObjectId): Promise<void> {
  const { connection } = mongoose;
  await connection.collection(FILES).deleteOne({ _id: id });
  await connection.collection(CHUNKS).deleteMany({ files_id: id });
}
