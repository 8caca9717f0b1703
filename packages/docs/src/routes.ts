/** Prints the OpenAPI document of the routes as a page. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

interface Content {
  readonly content?: { readonly 'application/json'?: { readonly schema?: Schema } };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly $ref?: string }>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export function routesPage({ paths, components }: OpenApi): string {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/gu, ':$1')}`,
      // The older paths have ids of their own, and the same rule.
      operation: { ...operation, operationId: operation.operationId.replace(/_BY_GROUP$/u, '') },
    })),
  );
  const names = [...new Set(routes.map(({ operation }) => operation.operationId))];
  const lines = [
    'The routes are below the path of the mount, such as `/api/vortex`. Each one is an operation, and each operation needs',
    'a rule in `authorizeOperation`. A failure is `{ error, code, issues? }`: see [the error codes](/reference/errors).',
    '',
    '| Route | Operation |',
    '| --- | --- |',
    ...routes.map(
      ({ route, operation: { operationId } }) =>
        `| \`${route}\` | [\`${operationId}\`](#${operationId.toLowerCase()}) |`,
    ),
    '',
  ];
  for (const name of names) {
    const own = routes.filter(({ operation }) => operation.operationId === name);
    const [{ operation }] = own as [(typeof routes)[number]];
    lines.push(`## ${name} {#${name.toLowerCase()}}`, '', operation.summary, '');
    if (operation.description) lines.push(operation.description, '');
    lines.push('```http', ...own.map(({ route }) => route), '```', '');
    const parameters = new Map(own.flatMap((one) => one.operation.parameters ?? []).map((one) => [one.name, one]));
    if (parameters.size > 0) {
      const rows = Array.from(parameters.values(), (one) =>
        row(one.name, one.schema, one.required === true, `in the ${one.in}`),
      );
      lines.push('### Parameters', '', ...table(rows));
    }
    const body = operation.requestBody?.content?.['application/json']?.schema;
    if (body) lines.push('### Body', '', ...table(fieldsOf(body, '')));
    const reply = operation.responses['200']?.content?.['application/json']?.schema;
    if (reply) lines.push(`**Replies** 200 with ${typeOf(reply)}.`, '');
    const failures = Object.keys(operation.responses).filter((status) => status !== '200');
    lines.push(`**Fails** with ${failures.join(', ')}.`, '');
  }
  lines.push('## Schemas', '');
  for (const [name, schema] of Object.entries(components.schemas)) {
    lines.push(`### ${name} {#schema-${name.toLowerCase()}}`, '');
    if (schema.description) lines.push(schema.description, '');
    const base = schema.allOf?.filter(({ $ref }) => $ref).map(typeOf) ?? [];
    if (base.length > 0) lines.push(`All of ${base.join(', ')}, and:`, '');
    const rows = fieldsOf(schema, '');
    lines.push(...(rows.length > 0 ? table(rows) : [typeOf(schema), '']));
  }
  return lines.join('\n');
}

type Row = readonly [name: string, type: string, notes: string];

function table(rows: readonly Row[]): string[] {
  return ['| Name | Type | &nbsp; |', '| --- | --- | --- |', ...rows.map((cells) => `| ${cells.join(' | ')} |`), ''];
}

/** A row for each field, those inside objects and lists included. */
function fieldsOf(schema: Schema, prefix: string): Row[] {
  const inside = [schema, ...(schema.allOf ?? [])].flatMap((one) =>
    Object.entries(one.properties ?? {}).flatMap(([name, field]): Row[] => {
      const path = prefix + name;
      const required = one.required?.includes(name) === true;
      return [row(path, field, required), ...nested(field, path)];
    }),
  );
  return inside;
}

function nested(field: Schema, path: string): Row[] {
  if (field.items) return fieldsOf(field.items, `${path}[].`);
  return fieldsOf(field, `${path}.`);
}

function row(name: string, schema: Schema, required: boolean, where = ''): Row {
  const notes = [where, required ? 'required' : '', ...limitsOf(schema), schema.description ?? ''];
  return [`\`${name}\``, typeOf(schema), notes.filter(Boolean).join('; ').replaceAll('|', '\\|')];
}

function typeOf(schema: Schema): string {
  const { $ref, type, items, additionalProperties } = schema;
  if ($ref) {
    const name = $ref.split('/').at(-1) ?? '';
    return `[\`${name}\`](#schema-${name.toLowerCase()})`;
  }
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.map(typeOf).join(' or ');
  if (items) return `list of ${typeOf(items)}`;
  if (typeof additionalProperties === 'object' && !schema.properties) {
    return Object.keys(additionalProperties).length > 0 ? `object of ${typeOf(additionalProperties)}` : 'object';
  }
  if (schema.allOf) return 'object';
  return [type ?? 'any'].flat().join(' or ');
}

function limitsOf({ minLength, maxLength, minItems, maxItems, minimum, maximum, pattern }: Schema): string[] {
  const between = (min: number | undefined, max: number | undefined, unit: string) => {
    if (max === undefined) return min === undefined ? [] : [`at least ${number(min)}${unit}`];
    return [min === undefined ? `at most ${number(max)}${unit}` : `${number(min)} to ${number(max)}${unit}`];
  };
  return [
    ...between(minLength, maxLength, ' characters'),
    ...between(minItems, maxItems, ' items'),
    ...between(minimum, maximum, ''),
    ...(pattern ? [`matches \`${pattern}\``] : []),
  ];
}

const number = (value: number) => value.toLocaleString('en-US');
