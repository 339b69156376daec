// What the documentation's reference is made from.
export { shapeOf, WarbleError } from "./platform/error";
export { DEFAULT_POLICY } from "./platform/policy";
export { anyone, signedIn, verified } from "./platform/trpc";
export * as procedures from "./procedures";
