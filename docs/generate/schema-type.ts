/** What `z.toJSONSchema` gives, as far as payloads use it. */
interface JsonSchema {
  readonly type?: unknown;
  readonly properties?: unknown;
  readonly required?: unknown;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
}

/** A JSON schema as a TypeScript type. */
export function schemaType(schema: unknown): string {
  if (!isSchema(schema)) return 'unknown';
  const { type, properties, required, additionalProperties, items } = schema;
  switch (type) {
    case 'string':
    case 'boolean':
    case 'number':
      return type;
    case 'integer':
      return 'number';
    case 'array':
      return `${schemaType(items)}[]`;
    case 'object':
      return isSchema(properties)
        ? objectType(properties, Array.isArray(required) ? required : [])
        : `Record<string, ${schemaType(additionalProperties)}>`;
    default:
      return 'unknown';
  }
}

function objectType(properties: object, required: readonly unknown[]): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${schemaType(schema)}`,
  );
  return `{\n  ${fields.join(';\n  ')};\n}`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
