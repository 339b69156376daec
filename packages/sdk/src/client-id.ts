/** `crypto.randomUUID` is missing on pages without https. */
export const newClientId = (): string =>
  globalThis.crypto?.randomUUID?.() ??
  Array.from({ length: 4 }, () => Math.random().toString(36).slice(2)).join("-");
