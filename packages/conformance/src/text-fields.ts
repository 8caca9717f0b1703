/** The text fields that the OpenAPI document describes, and bodies that hold one of them. */

export interface Schema {
  maxLength?: number;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
}

/** The path of a field in a body, and its maximum length in characters. */
export type TextField = readonly [path: string[], maximum: number];

/** Lists the text fields of a body. An entry of a list has the name `0`, and an entry of a map `name`. */
export function textFields(schema: Schema, path: string[] = []): TextField[] {
  const { maxLength, properties = {}, additionalProperties, items } = schema;
  if (maxLength !== undefined) return [[path, maxLength]];
  const members = {
    ...properties,
    ...(additionalProperties && { name: additionalProperties }),
    ...(items && { 0: items }),
  };
  return Object.entries(members).flatMap(([name, member]) => textFields(member, [...path, name]));
}

/** Makes a body that holds the text at the path and nothing else. */
export function bodyWith([name, ...rest]: string[], text: string): unknown {
  if (name === undefined) return text;
  return name === '0' ? [bodyWith(rest, text)] : { [name]: bodyWith(rest, text) };
}
