import { join } from "node:path";

const docs = join(import.meta.dirname, "..");

export const PATHS = {
  docs,
  repository: join(docs, "../.."),
  sdk: join(docs, "../../packages/sdk"),
  contracts: join(docs, "../../packages/contracts/src"),
  features: join(docs, "../server/src/features"),
  reference: join(docs, "reference"),
  operation: join(docs, "operation"),
};
