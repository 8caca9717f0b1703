/** Reads the exports of packages from their declarations: how each is declared, and its docstring. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript59';
import { type Declaration, isDeclaration, isPrivate, print, resolved } from './printing.js';

export interface Docs {
  readonly text: string;
  readonly tags: readonly { readonly name: string; readonly parameter: string; readonly text: string }[];
}

export interface Member {
  readonly name: string;
  readonly signatures: readonly string[];
  readonly docs: Docs;
  /** The declarations that the names in `{@link …}` stand for. */
  readonly links: ReadonlyMap<string, unknown>;
}

export interface Declared extends Member {
  /** The same for all entry points that export it. */
  readonly id: unknown;
  readonly kind: 'function' | 'class' | 'const' | 'interface' | 'type' | 'enum';
  /** The declaration file. */
  readonly file: string;
  /** True for a declaration that is not exported, and that an exported one refers to. */
  readonly isHidden: boolean;
  /** The first line of a declaration whose members are listed. */
  readonly head: string;
  readonly members: readonly Member[];
  /** The declarations of the package that this one refers to. */
  readonly refers: ReadonlyMap<unknown, string>;
}

const kinds = new Map<ts.SyntaxKind, Declared['kind']>([
  [ts.SyntaxKind.ClassDeclaration, 'class'],
  [ts.SyntaxKind.EnumDeclaration, 'enum'],
  [ts.SyntaxKind.FunctionDeclaration, 'function'],
  [ts.SyntaxKind.InterfaceDeclaration, 'interface'],
  [ts.SyntaxKind.TypeAliasDeclaration, 'type'],
  [ts.SyntaxKind.VariableDeclaration, 'const'],
]);

export class Exports {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;
  readonly #seen = new Set<ts.Symbol>();

  /** @param entries the declarations of the entry points, by what one imports them as */
  constructor(entries: ReadonlyMap<string, string>) {
    const options: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, noLib: true, types: [] };
    const host = ts.createCompilerHost(options);
    // Types of other packages are not read: their names are enough here, and this takes a tenth of the time.
    host.resolveModuleNameLiterals = (names, from) =>
      names.map(({ text }) => {
        const relative = join(dirname(from), text.replace(/\.js$/u, '.d.ts'));
        const file = text.startsWith('.') && existsSync(relative) ? relative : entries.get(text);
        return {
          resolvedModule: file === undefined ? undefined : { resolvedFileName: file, extension: ts.Extension.Dts },
        };
      });
    this.#program = ts.createProgram([...entries.values()], options, host);
    this.#checker = this.#program.getTypeChecker();
  }

  /** The exports of an entry point, and at the end the declarations that these refer to and that no entry exports. */
  of(file: string): Declared[] {
    const symbols = this.#exportsOf(file);
    const exported = symbols.filter((symbol) => !this.#seen.has(symbol));
    for (const symbol of exported) this.#seen.add(symbol);
    const all = new Set(this.#program.getRootFileNames().flatMap((name) => this.#exportsOf(name)));
    const home = homeOf(file);
    const hidden = new Set<ts.Symbol>();
    const reach = (symbol: ts.Symbol): void => {
      for (const referred of this.#referredBy(symbol)) {
        if (all.has(referred) || this.#seen.has(referred) || hidden.has(referred)) continue;
        if (!this.#nodesOf(referred).some((node) => node.getSourceFile().fileName.startsWith(home))) continue;
        hidden.add(referred);
        reach(referred);
      }
    };
    for (const symbol of exported) reach(symbol);
    for (const symbol of hidden) this.#seen.add(symbol);
    const again = symbols.filter((symbol) => !exported.includes(symbol));
    return [
      ...[...exported, ...again].map((symbol) => this.#declared(symbol, false)),
      ...[...hidden].map((symbol) => this.#declared(symbol, true)),
    ];
  }

  /** The comment at the beginning of an entry point's source. */
  introductionOf(file: string): string {
    const source = this.#program.getSourceFile(file);
    const text = source?.text ?? '';
    const [first] = ts.getLeadingCommentRanges(text, 0) ?? [];
    if (!first || !text.startsWith('/**', first.pos)) return '';
    const next = source?.statements[0];
    // A comment that stands directly above a declaration documents that one.
    if (next && !ts.isImportDeclaration(next) && !ts.isExportDeclaration(next)) return '';
    return text
      .slice(first.pos + 3, first.end - 2)
      .replace(/^\s*\* ?/gmu, '')
      .trim();
  }

  #exportsOf(file: string): ts.Symbol[] {
    const source = this.#program.getSourceFile(file);
    const module = source && this.#checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} is not a module. Run tsc -b.`);
    return this.#checker
      .getExportsOfModule(module)
      .map((symbol) => resolved(this.#checker, symbol))
      .filter((symbol) => this.#nodesOf(symbol).length > 0)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #nodesOf({ declarations = [] }: ts.Symbol): Declaration[] {
    return declarations.filter(isDeclaration);
  }

  #referredBy(symbol: ts.Symbol): ts.Symbol[] {
    const found = new Set<ts.Symbol>();
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) {
        const named = this.#checker.getSymbolAtLocation(node);
        const target = named && resolved(this.#checker, named);
        if (target && target !== symbol && isTopLevel(target)) found.add(target);
      }
      if (!isPrivate(node)) ts.forEachChild(node, visit);
    };
    for (const node of this.#nodesOf(symbol)) visit(node);
    return [...found].filter((one) => this.#nodesOf(one).length > 0);
  }

  #declared(symbol: ts.Symbol, isHidden: boolean): Declared {
    const nodes = this.#nodesOf(symbol);
    const [node] = nodes;
    if (!node) throw new Error(`${symbol.name} has no declaration.`);
    const members = this.#membersOf(node);
    return {
      id: idOf(node),
      name: symbol.name,
      kind: kinds.get(node.kind) ?? 'type',
      file: node.getSourceFile().fileName,
      isHidden,
      signatures: nodes.map((one) => print(one)),
      head: headOf(node),
      members,
      docs: docsOf(symbol, this.#checker),
      links: this.#linksIn(node),
      refers: new Map(
        this.#referredBy(symbol).flatMap((one) => this.#nodesOf(one).map((at) => [idOf(at), one.name] as const)),
      ),
    };
  }

  /** The members of a class, and those of an interface that has docstrings. */
  #membersOf(node: Declaration): Member[] {
    if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return [];
    const byName = new Map<string, ts.Node[]>();
    for (const member of node.members) {
      if (isPrivate(member) || !member.name) {
        if (ts.isConstructorDeclaration(member))
          byName.set('constructor', [...(byName.get('constructor') ?? []), member]);
        continue;
      }
      const name = member.name.getText();
      byName.set(name, [...(byName.get(name) ?? []), member]);
    }
    const members = Array.from(byName, ([name, nodes]): Member => {
      const [first] = nodes as [ts.Node, ...ts.Node[]];
      const symbol = this.#checker.getSymbolAtLocation((first as ts.NamedDeclaration).name ?? first);
      const signatures = nodes.map((one) => print(one));
      const docs = symbol ? docsOf(symbol, this.#checker) : docsOfNode(first);
      return { name, signatures, docs, links: this.#linksIn(first) };
    });
    const isDocumented = members.some(({ docs }) => docs.text !== '' || docs.tags.length > 0);
    return ts.isClassDeclaration(node) || isDocumented ? members : [];
  }

  #linksIn(node: ts.Node): Map<string, unknown> {
    const found = new Map<string, unknown>();
    const visit = (comment: ts.Node): void => {
      if ((ts.isJSDocLink(comment) || ts.isJSDocLinkPlain(comment)) && comment.name) {
        const symbol = this.#checker.getSymbolAtLocation(comment.name);
        const [target] = symbol ? this.#nodesOf(resolved(this.#checker, symbol)) : [];
        if (target) found.set(comment.name.getText(), idOf(target));
      }
      for (const child of comment.getChildren()) visit(child);
    };
    for (const comment of ts.getJSDocCommentsAndTags(node)) visit(comment);
    return found;
  }
}

/** The folder `dist` of a package. */
function homeOf(file: string): string {
  return file.slice(0, file.indexOf('/dist/') + '/dist/'.length);
}

/** The place of a declaration, which is the same in every program. */
function idOf(node: Declaration): string {
  return `${node.getSourceFile().fileName}#${node.name?.getText() ?? ''}`;
}

function isTopLevel({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some(
    (node) => kinds.has(node.kind) && (ts.isSourceFile(node.parent) || ts.isVariableDeclarationList(node.parent)),
  );
}

function docsOf(symbol: ts.Symbol, checker: ts.TypeChecker): Docs {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol.getJsDocTags(checker).map((tag) => {
    const parts = tag.text ?? [];
    const parameter = parts.find(({ kind }) => kind === 'parameterName')?.text ?? '';
    const rest = ts.displayPartsToString(parts.filter(({ kind }) => kind !== 'parameterName')).trim();
    return { name: tag.name, parameter, text: rest };
  });
  return { text, tags };
}

/** A constructor has no symbol of its own. */
function docsOfNode(node: ts.Node): Docs {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(comment?.comment) ?? '';
  const tags = ts.getJSDocTags(node).map((tag) => ({
    name: tag.tagName.text,
    parameter: ts.isJSDocParameterTag(tag) ? tag.name.getText() : '',
    text: ts.getTextOfJSDocComment(tag.comment) ?? '',
  }));
  return { text, tags };
}

/** A class or an interface without its members. */
function headOf(node: Declaration): string {
  if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return '';
  const { modifiers, typeParameters, heritageClauses } = node;
  const empty = ts.isClassDeclaration(node)
    ? ts.factory.updateClassDeclaration(node, modifiers, node.name, typeParameters, heritageClauses, [])
    : ts.factory.updateInterfaceDeclaration(node, modifiers, node.name, typeParameters, heritageClauses, []);
  return print(empty, node.getSourceFile()).replace(/\{\s*\}$/u, '{ … }');
}
