import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { PATHS } from "./paths";

/** A member of a declared type or object: what it is called, what it says of itself, and how it is written. */
export interface Member {
  name: string;
  doc: string;
  text: string;
  node: ts.Node;
}

const parsed = (folder: string, ending: RegExp): ts.SourceFile[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => ending.test(file))
    .map((file) => {
      const code = readFileSync(join(folder, file), "utf8");
      return ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
    });

/** The declarations of the SDK as they are published, with the comments that users of it see. */
const published = parsed(join(PATHS.sdk, "dist"), /\.d\.ts$/);
const contracts = parsed(PATHS.contracts, /\.ts$/);

const written = parsed(PATHS.features, /\.procedures\.ts$/);

const flat = (text: string): string => text.replace(/\s+/g, " ").trim();

function docOf(node: ts.Node): string {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return flat(docs.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "").join(" "));
}

const memberOf = (node: ts.NamedDeclaration): Member => ({
  name: node.name ? node.name.getText().replace(/^"|"$/g, "") : "",
  doc: docOf(node),
  text: flat(node.getText()),
  node,
});

function find<T extends ts.Node>(files: ts.SourceFile[], is: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node) => {
    if (is(node)) found.push(node);
    node.forEachChild(visit);
  };
  for (const file of files) visit(file);
  return found;
}

/** The members of an interface of the SDK. @throws when it is not declared */
export function membersOfInterface(name: string): Member[] {
  const [declared] = find(published, ts.isInterfaceDeclaration).filter((node) => node.name.text === name);
  if (!declared) throw new Error(`the SDK declares no interface ${name}`);
  return declared.members.map(memberOf);
}

/** The members of the type of a value of the SDK. @throws when it is not declared */
export function membersOfValue(name: string): Member[] {
  for (const { name: declared, type } of find(published, ts.isVariableDeclaration)) {
    if (declared.getText() === name && type && ts.isTypeLiteralNode(type)) return type.members.map(memberOf);
  }
  throw new Error(`the SDK declares no ${name}`);
}

/** What a procedure answers, as the SDK declares it. */
export function outputOf({ node }: Member): string {
  const [output] = find([node as ts.SourceFile], ts.isPropertySignature).filter(
    ({ name }) => name.getText() === "output",
  );
  return flat(output?.type?.getText() ?? "");
}

/** What a procedure says of itself where it is written: what is spread into its router is declared without its comments. */
export function writtenDoc(procedure: string): string {
  const named = find(written, ts.isPropertyAssignment).filter((node) => node.name.getText() === procedure);
  const [doc = "", ...others] = named.map(docOf).filter(Boolean);
  return others.length > 0 ? "" : doc;
}

/** What the fields of a contract's schema say of themselves. */
export function fieldDocs(schema: string): Map<string, string> {
  const [declared] = find(contracts, ts.isVariableDeclaration).filter(
    (node) => node.name.getText() === schema,
  );
  const fields = declared ? find([declared as unknown as ts.SourceFile], ts.isPropertyAssignment) : [];
  return new Map(fields.map((field) => [field.name.getText(), docOf(field)]));
}
