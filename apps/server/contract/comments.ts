// Takes the doc comments from where they stand, so that documents say what the code says.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "@typescript/typescript6";

const FEATURES = "apps/server/src/features";

type Comments = Map<string, string>;

/** Everything that contracts, procedures and socket calls say of themselves, by name. */
export function readComments(root: string): Record<string, string> {
  const found: Comments = new Map();
  const shapes = filesOf(root, "packages/contracts/src", ".ts").flatMap(({ statements }) => [...statements]);
  for (const statement of shapes) if (ts.isInterfaceDeclaration(statement)) ofInterface(statement, found);
  for (const statement of shapes) if (!ts.isInterfaceDeclaration(statement)) ofShape(statement, found);
  inherit(shapes.filter(ts.isInterfaceDeclaration), found);
  ofRouters(filesOf(root, FEATURES, ".procedures.ts"), found);
  for (const file of filesOf(root, FEATURES, ".handlers.ts")) ofSocket(file, found);
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const filesOf = (root: string, folder: string, ending: string): ts.SourceFile[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => {
      const text = readFileSync(join(root, folder, file), "utf8");
      return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    });

/** The last comment before something: others are about what stands there no more. */
function commentOf(node: ts.Node): string {
  const comment = ts.getJSDocCommentsAndTags(node).findLast(ts.isJSDoc)?.comment;
  return (ts.getTextOfJSDocComment(comment) ?? "").replace(/\s+/g, " ").trim();
}

function add(found: Comments, name: string, node: ts.Node): void {
  const text = commentOf(node);
  if (text !== "" && !found.has(name)) found.set(name, text);
}

function ofInterface(declaration: ts.InterfaceDeclaration, found: Comments): void {
  const name = declaration.name.text;
  add(found, name, declaration);
  for (const member of declaration.members) {
    if (member.name && "text" in member.name) add(found, `${name}.${member.name.text}`, member);
  }
}

function ofShape(statement: ts.Statement, found: Comments): void {
  if (ts.isTypeAliasDeclaration(statement)) add(found, statement.name.text, statement);
  if (!ts.isVariableStatement(statement)) return;
  for (const { name, initializer } of statement.declarationList.declarations) {
    if (!ts.isIdentifier(name) || !/^[A-Z][a-z]/.test(name.text)) continue;
    add(found, name.text, statement);
    const fields = initializer && firstObject(initializer);
    for (const field of fields?.properties ?? []) {
      if (field.name && ts.isIdentifier(field.name)) add(found, `${name.text}.${field.name.text}`, field);
    }
  }
}

/** The object that a schema is made from, however it is refined afterwards. */
function firstObject(node: ts.Node): ts.ObjectLiteralExpression | undefined {
  if (ts.isObjectLiteralExpression(node)) return node;
  return ts.forEachChild(node, firstObject);
}

/** What an interface says of its fields holds for those that extend it. */
function inherit(all: ts.InterfaceDeclaration[], found: Comments): void {
  for (const { name, heritageClauses } of all) {
    const parents = heritageClauses?.flatMap(({ types }) => types) ?? [];
    const prefixes = parents.map(({ expression }) => `${expression.getText()}.`);
    for (const [field, text] of [...found]) {
      const prefix = prefixes.find((each) => field.startsWith(each));
      const own = `${name.text}.${field.slice(prefix?.length)}`;
      if (prefix && !found.has(own)) found.set(own, text);
    }
  }
}

function ofRouters(files: ts.SourceFile[], found: Comments): void {
  const records = new Map(files.flatMap((file) => recordsIn(file)));
  for (const [router, record] of records) {
    for (const { name, node } of proceduresIn(record, records)) add(found, `${router}.${name}`, node);
  }
}

const recordsIn = (file: ts.SourceFile): [string, ts.ObjectLiteralExpression][] =>
  file.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) =>
    declarationList.declarations.flatMap(({ name, initializer }): [string, ts.ObjectLiteralExpression][] => {
      const record =
        initializer && ts.isSatisfiesExpression(initializer) ? initializer.expression : undefined;
      return record && ts.isObjectLiteralExpression(record) ? [[name.getText(), record]] : [];
    }),
  );

function proceduresIn(
  record: ts.ObjectLiteralExpression,
  records: Map<string, ts.ObjectLiteralExpression>,
): { name: string; node: ts.Node }[] {
  return record.properties.flatMap((node) => {
    if (!ts.isSpreadAssignment(node)) return node.name ? [{ name: node.name.getText(), node }] : [];
    const spread = records.get(node.expression.getText());
    return spread ? proceduresIn(spread, records) : [];
  });
}

function ofSocket(file: ts.SourceFile, found: Comments): void {
  const look = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name)) add(found, node.name.text, node);
    ts.forEachChild(node, look);
  };
  look(file);
}
