import { join } from "node:path";

const docs = join(import.meta.dirname, "..");

export const PATHS = {
  docs,
  repository: join(docs, "../.."),
  sdk: join(docs, "../../packages/sdk"),
  contracts: join(docs, "../../packages/contracts/src"),
  reference: join(docs, "reference"),
  operation: join(docs, "operation"),
};
