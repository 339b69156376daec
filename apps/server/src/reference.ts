// What the documentation's reference is made from.
export { shapeOf, WarbleError } from "./platform/error";
export { DEFAULT_POLICY } from "./platform/policy";
export * as procedures from "./procedures";
