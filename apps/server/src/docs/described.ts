import { commentOn } from "./comments";
import type { Schema } from "./contract";

/** The schemas with what the contracts say of each shape and each of its fields. */
export const described = (schemas: Record<string, Schema>): Record<string, Schema> =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const { properties } = schema as { properties?: Record<string, Schema> };
      const fields = Object.entries(properties ?? {}).map(([field, value]) => [
        field,
        saying(commentOn(`${name}.${field}`), value),
      ]);
      return [
        name,
        saying(commentOn(name), { ...schema, ...(properties && { properties: Object.fromEntries(fields) }) }),
      ];
    }),
  );

const saying = (description: string, schema: Schema): Schema =>
  description === "" ? schema : { description, ...schema };
