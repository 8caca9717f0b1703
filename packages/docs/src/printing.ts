/** Finds and prints the declarations of packages, without private members. */
import ts from 'typescript59';

/** A declaration that users can reach. */
export type Declaration =
  | ts.ClassDeclaration
  | ts.EnumDeclaration
  | ts.FunctionDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.VariableDeclaration;

export const isDeclaration = (node: ts.Node): node is Declaration =>
  ts.isClassDeclaration(node) ||
  ts.isEnumDeclaration(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isVariableDeclaration(node);

/** Follows an import or an export to what it names. */
export function resolved(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

export function isPrivate(node: ts.Node): boolean {
  if (!ts.isClassElement(node)) return false;
  const isHash = node.name !== undefined && ts.isPrivateIdentifier(node.name);
  return isHash || (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
}

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** @param source the file of the node, if the node itself is not in it */
export function print(node: ts.Node, source = node.getSourceFile()): string {
  return printer
    .printNode(ts.EmitHint.Unspecified, withoutPrivate(node), source)
    .replace(/^(?:export )?(?:default )?(?:declare )?/u, ts.isVariableDeclaration(node) ? 'const ' : '')
    .replace(/^(?: {4})+/gmu, (indent) => ' '.repeat(indent.length / 2));
}

function withoutPrivate(node: ts.Node): ts.Node {
  if (!ts.isClassDeclaration(node)) return node;
  const { modifiers, name, typeParameters, heritageClauses, members } = node;
  const shown = members.filter((member) => !isPrivate(member));
  return ts.factory.updateClassDeclaration(node, modifiers, name, typeParameters, heritageClauses, shown);
}
