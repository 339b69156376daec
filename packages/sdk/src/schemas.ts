/** The schemas (zod) of what goes in and what comes out, the limits and the reasons: those that the server uses. */
export * from "@warble/contracts";
