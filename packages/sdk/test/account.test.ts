import { startTestApp } from "@warble/server/test";
import { expect, it } from "vitest";
import { isWarbleError } from "../src/index";
import { clientOf, comeIn, eventually, PASSWORD } from "./people";

const app = startTestApp();

it("fetches the file of one's data, goes away, comes back, and deletes the account", async () => {
  const warble = await comeIn(app, "sam");
  const { id } = await warble.auth.requestExport();
  const ready = async () => (await warble.auth.exports()).find(({ state }) => state === "ready");
  expect(await eventually(ready, "the file")).toMatchObject({ id });
  const file = await warble.auth.downloadExport(id);
  expect(new TextDecoder().decode(await file.slice(0, 2).arrayBuffer())).toBe("PK");
  const missing = await warble.auth.downloadExport("0".repeat(24)).catch((error: unknown) => error);
  expect(isWarbleError(missing, "NOT_FOUND")).toBe(true);
  const stranger = await clientOf(app)
    .auth.downloadExport(id)
    .catch((error: unknown) => error);
  expect(isWarbleError(stranger, "NOT_SIGNED_IN")).toBe(true);

  const login = () => warble.auth.login({ identifier: warble.name, password: PASSWORD });
  await warble.auth.deactivate();
  expect(await warble.auth.tokens()).toBeNull();
  await login();
  await warble.auth.deleteAccount(PASSWORD);
  expect(await warble.auth.me()).toBeNull();
  const again = await login().catch((error: unknown) => error);
  expect(isWarbleError(again, "BAD_CREDENTIALS")).toBe(true);
  warble.close();
});
