// In the place of @simplewebauthn/browser, which needs a page: what a browser with an authenticator of its own would answer.
import type {
  startAuthentication as StartAuthentication,
  startRegistration as StartRegistration,
} from "@simplewebauthn/browser";
import type { PasskeyCreation, PasskeyRequest } from "@warble/contracts";
import { Authenticator } from "@warble/server/test/authenticator";
import { origin } from "./stage";

let authenticator: Authenticator | undefined;

function own(): Authenticator {
  authenticator ??= new Authenticator(origin());
  return authenticator;
}

export const startRegistration = async ({ optionsJSON }: Parameters<typeof StartRegistration>[0]) =>
  own().create(optionsJSON as PasskeyCreation["options"]);

export const startAuthentication = async ({ optionsJSON }: Parameters<typeof StartAuthentication>[0]) =>
  own().get(optionsJSON as PasskeyRequest["options"]);
