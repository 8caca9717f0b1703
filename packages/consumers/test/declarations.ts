/** The public declarations of a packed package, as text that shows in a diff what has changed for its users. */
import { join } from 'node:path';
import { type Declaration, isDeclaration, isPrivate, print, resolved } from '@vortex/docs/printing';
import ts from 'typescript59';

/** A subpath of a package, such as `./rules`, and the file of its types. */
export interface Entry {
  readonly subpath: string;
  readonly file: string;
}

export class Declarations {
  readonly #folder: string;
  readonly #entries: readonly Entry[];
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  /** @param folder the folder of the unpacked package */
  constructor(folder: string, entries: readonly Entry[]) {
    this.#folder = folder;
    this.#entries = entries;
    this.#program = ts.createProgram(
      entries.map(({ file }) => file),
      { module: ts.ModuleKind.NodeNext, strict: true, exactOptionalPropertyTypes: true, types: [] },
    );
    this.#checker = this.#program.getTypeChecker();
  }

  /**
   * The declaration of every export, by subpath, values before types. Then those that are not exported, and that an exported
   * one refers to.
   */
  lines(): string[] {
    const seen = new Map<ts.Symbol, string>();
    const lines: string[] = [];
    for (const { subpath, file } of this.#entries) {
      lines.push('', subpath);
      for (const { name, symbol, isType } of this.#exportsOf(file)) {
        const before = seen.get(symbol);
        seen.set(symbol, before ?? subpath);
        if (before !== undefined) lines.push(`  ${isType ? 'type ' : ''}${name} of ${before}`);
        else lines.push(...this.#print(symbol));
      }
    }
    const hidden = this.#reachable().filter((symbol) => !seen.has(symbol));
    if (hidden.length > 0) lines.push('', 'not exported', ...hidden.flatMap((symbol) => this.#print(symbol)));
    return lines;
  }

  /**
   * The optional members whose type lacks `undefined`, as those of every `Partial` do: under `exactOptionalPropertyTypes` they
   * cannot be set to a variable that may be undefined.
   */
  inexactMembers(): string[] {
    return this.#membersWhere((node) => {
      if (ts.isMethodSignature(node)) return node.questionToken !== undefined;
      if (ts.isTypeReferenceNode(node)) return node.typeName.getText() === 'Partial';
      if (ts.isExpressionWithTypeArguments(node)) return node.expression.getText() === 'Partial';
      const isMember = ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isMappedTypeNode(node);
      return isMember && node.questionToken !== undefined && !this.#hasUndefined(node.type);
    });
  }

  /** The methods of interfaces. The rule `unbound-method` of typescript-eslint refuses to destructure them. */
  methods(): string[] {
    return this.#membersWhere(ts.isMethodSignature);
  }

  #membersWhere(matches: (node: ts.Node) => boolean): string[] {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (matches(node)) found.push(this.#place(node));
      ts.forEachChild(node, visit);
    };
    for (const symbol of this.#reachable()) for (const node of this.#declarationsOf(symbol)) visit(node);
    return found;
  }

  #exportsOf(file: string) {
    const source = this.#program.getSourceFile(file);
    const module = source && this.#checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} is not a module.`);
    const found = this.#checker.getExportsOfModule(module).map((exported) => {
      const symbol = resolved(this.#checker, exported);
      const isTypeOnly = exported.declarations?.some(ts.isTypeOnlyExportDeclaration);
      return { name: exported.name, symbol, isType: !(symbol.flags & ts.SymbolFlags.Value) || isTypeOnly === true };
    });
    return found.toSorted((a, b) => Number(a.isType) - Number(b.isType) || compare(a.name, b.name));
  }

  /** The symbols that exports refer to, the exports included, without those of other packages. */
  #reachable(): ts.Symbol[] {
    const reached = new Set<ts.Symbol>();
    const reach = (symbol: ts.Symbol): void => {
      const nodes = this.#declarationsOf(symbol);
      if (nodes.length === 0 || reached.has(symbol)) return;
      reached.add(symbol);
      const visit = (node: ts.Node): void => {
        if (ts.isIdentifier(node)) {
          const named = this.#checker.getSymbolAtLocation(node);
          if (named) reach(resolved(this.#checker, named));
        }
        if (!isPrivate(node)) ts.forEachChild(node, visit);
      };
      for (const node of nodes) visit(node);
    };
    for (const { file } of this.#entries) for (const { symbol } of this.#exportsOf(file)) reach(symbol);
    return [...reached].toSorted((a, b) => compare(a.name, b.name));
  }

  /** The declarations in this package. */
  #declarationsOf({ declarations = [] }: ts.Symbol): Declaration[] {
    return declarations
      .filter(isDeclaration)
      .filter((node) => node.getSourceFile().fileName.startsWith(join(this.#folder, 'dist/')));
  }

  #hasUndefined(node: ts.TypeNode | undefined): boolean {
    if (!node) return false;
    const type = this.#checker.getTypeFromTypeNode(node);
    const parts = type.isUnion() ? type.types : [type];
    return parts.some(({ flags }) => flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Unknown));
  }

  /** Names a member by the declarations that it is in. */
  #place(node: ts.Node): string {
    const names: string[] = [];
    for (let each = node; !ts.isSourceFile(each); each = each.parent) {
      const { name } = each as { name?: ts.Node };
      if (name) names.unshift(name.getText());
    }
    return names.join('.');
  }

  #print(symbol: ts.Symbol): string[] {
    const texts = this.#declarationsOf(symbol).map((node) => print(node));
    return texts.flatMap((text) => text.split('\n').map((line) => `  ${line}`));
  }
}

/** By code units, so that the order is the same in every locale. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
