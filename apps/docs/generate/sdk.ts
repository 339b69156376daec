import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Application, Converter, type DeclarationReflection, ReflectionKind } from "typedoc";
import { PATHS } from "./paths";

/** The declarations that the SDK publishes, one a subpath; the schemas have the names of shapes that are there already. */
function entryPoints(): string[] {
  const { publishConfig } = JSON.parse(readFileSync(join(PATHS.sdk, "package.json"), "utf8"));
  const files = new Set<string>();
  const visit = (value: unknown) => {
    if (typeof value === "string" && value.endsWith(".d.ts")) files.add(join(PATHS.sdk, value));
    else if (typeof value === "object" && value !== null)
      for (const inner of Object.values(value)) visit(inner);
  };
  const { "./schemas": _, ...doors } = publishConfig.exports;
  visit(doors);
  return [...files];
}

/** The reference of the SDK, from what its users get. @throws when it cannot be made */
export async function writeSdkReference(): Promise<void> {
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entryPoints(),
    tsconfig: join(PATHS.docs, "generate/tsconfig.sdk.json"),
    name: "@warble/sdk",
    plugin: ["typedoc-plugin-markdown"],
    out: join(PATHS.reference, "sdk"),
    readme: "none",
    disableSources: true,
    excludePrivate: true,
    excludeExternals: true,
    skipErrorChecking: true,
    logLevel: "Error",
    validation: false,
    githubPages: false,
  });
  app.options.setValue("entryFileName", "index");
  app.options.setValue("hideBreadcrumbs", true);
  app.options.setValue("hidePageHeader", true);
  // A schema says nothing that the shape of its name does not say better.
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const variables = project.getReflectionsByKind(ReflectionKind.Variable) as DeclarationReflection[];
    for (const variable of variables) {
      if (/^z\.|^Zod/.test(String(variable.type))) project.removeReflection(variable);
    }
  });
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc cannot read the SDK");
  await app.generateOutputs(project);
}
