// The contracts' types without their schemas, as the core has them: a frontend's compiler that reads it never opens zod.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "@typescript/typescript6";

const SPELLED_OUT = ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.NoTruncation;

/** Writes them from the directory `from` to `to`: what was inferred from a schema is spelled out. */
export function writePlainTypes(from, to) {
  const files = readdirSync(from).filter((file) => file.endsWith(".d.ts"));
  const options = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
  const program = ts.createProgram(
    files.map((file) => join(from, file)),
    { ...options, target: ts.ScriptTarget.ESNext, strict: true, skipLibCheck: true, types: [] },
  );
  const checker = program.getTypeChecker();
  mkdirSync(to, { recursive: true });
  for (const file of files) {
    const { statements } = program.getSourceFile(join(from, file));
    const plain = statements.filter((statement) => !isLeftOut(statement));
    writeFileSync(join(to, file), plain.map((statement) => withoutInference(statement, checker)).join("\n"));
  }
}

/** Schemas and functions have doors of their own; tables stay, as types are made of them. */
const isLeftOut = (statement) => {
  if (ts.isImportDeclaration(statement)) return statement.moduleSpecifier.text === "zod";
  if (!ts.isVariableStatement(statement)) return ts.isFunctionDeclaration(statement);
  const { type } = statement.declarationList.declarations[0];
  return type !== undefined && (ts.isFunctionTypeNode(type) || /\bz\.Zod/.test(type.getText()));
};

/** The text of a statement: each `z.infer` and `z.input` is what the compiler makes of it, and a schema is `unknown`. */
function withoutInference(statement, checker) {
  const text = statement.getFullText();
  const parts = [];
  let from = 0;
  const visit = (node) => {
    if (!ts.isTypeReferenceNode(node) || !/^z\./.test(node.typeName.getText()))
      return ts.forEachChild(node, visit);
    const start = node.getStart() - statement.getFullStart();
    const isInferred = /^z\.(infer|input|output)$/.test(node.typeName.getText());
    const type = isInferred ? checker.getTypeFromTypeNode(node) : checker.getUnknownType();
    parts.push(text.slice(from, start), checker.typeToString(type, statement, SPELLED_OUT));
    from = start + node.getText().length;
  };
  visit(statement);
  return [...parts, text.slice(from)].join("");
}
