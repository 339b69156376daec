import type { Tokens } from "@warble/contracts";

const TEXTS = ["accessToken", "refreshToken", "accessExpiresAt", "refreshExpiresAt"] as const;

/** What a storage holds, if it is a session: what cannot be read as one is none. */
export function tokensOf(kept: unknown): Tokens | null {
  const tokens = kept as Tokens | null | undefined;
  const isText = (name: (typeof TEXTS)[number]) => typeof tokens?.[name] === "string";
  if (!tokens || !TEXTS.every(isText) || Number.isNaN(Date.parse(tokens.accessExpiresAt))) return null;
  return tokens;
}
