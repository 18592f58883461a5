import { readyMadeKinds } from '../../../src/catalogue/ready-made-kinds.js';
import { configSchema } from '../../../src/config/sections/configuration.js';
import { builtInHooks } from '../../../src/hooks/built-in-hooks.js';
import { describeKeys, keysUnder } from './documented-keys.js';
import { type JsonSchema, jsonSchemaOf, mapIn, partOf } from './json-schema.js';

const page = 'docs/reference/configuration.md';

/** Where the page speaks of the keys of a section. */
const sections = [
  [['plugins'], '## A plugin'],
  [['plugins', 'mcp'], '### `mcp`'],
  [['plugins', 'grpc'], '### `grpc`, `unix_socket`, `tls`'],
  [['plugins', 'unix_socket'], '### `grpc`, `unix_socket`, `tls`'],
  [['plugins', 'mcp', 'tls'], '### `grpc`, `unix_socket`, `tls`'],
  [['plugin_settings'], '## `plugin_settings`'],
  [['server_settings'], '## `server_settings`, `grpc_server_settings`, `unix_socket_server_settings`'],
  [['grpc_server_settings'], '## `server_settings`, `grpc_server_settings`, `unix_socket_server_settings`'],
  [['unix_socket_server_settings'], '## `server_settings`, `grpc_server_settings`, `unix_socket_server_settings`'],
] as const;

/** The schema of a configuration of plugins, with the `config` of those that come with gatechart. */
export async function pluginsSchema(): Promise<JsonSchema> {
  const schema = jsonSchemaOf(configSchema, 'template');
  describeKeys(schema, keysUnder(page, '## Top level'));
  for (const [path, heading] of sections) describeKeys(sectionAt(schema, path), keysUnder(page, heading));
  const entry = sectionAt(schema, ['plugins']);
  const kinds = readyMadeKinds.flatMap(({ name, kinds: others }) => [name, ...others]);
  suggest(partOf(entry, 'properties', 'kind'), ['external', ...kinds]);
  suggest(
    partOf(mapIn(partOf(entry, 'properties', 'hooks')), 'items'),
    builtInHooks.map(({ name }) => name),
  );
  Object.assign(sectionAt(schema, ['plugins', 'mcp']), overHttp);
  Object.assign(sectionAt(schema, ['plugins', 'grpc']), { anyOf: [given('target'), given('uds')] });
  Object.assign(sectionAt(schema, ['plugins', 'unix_socket']), { allOf: [given('path')] });
  entry['allOf'] = [external, ...(await configsByKind())];
  return schema;
}

/** How an external plugin is reached, and that it is configured where it is served. */
const external: JsonSchema = {
  if: { properties: { kind: { const: 'external' } }, required: ['kind'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: {
    anyOf: ['mcp', 'grpc', 'unix_socket'].map((key) => ({
      properties: { [key]: { type: 'object' } },
      required: [key],
    })),
    properties: { config: { anyOf: [{ type: 'null' }, { type: 'object', maxProperties: 0 }] } },
  },
};

/** That a text is there. */
function given(key: string): JsonSchema {
  return { properties: { [key]: { type: 'string', minLength: 1 } }, required: [key] };
}

const overHttp: JsonSchema = {
  if: { properties: { proto: { enum: ['STREAMABLEHTTP', 'SSE'] } }, required: ['proto'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: given('url'),
};

function sectionAt(schema: JsonSchema, path: readonly string[]): JsonSchema {
  let section = mapIn(schema);
  for (const key of path) {
    section = mapIn(partOf(section, 'properties', key));
    if ('items' in section) section = mapIn(section['items'] as JsonSchema);
  }
  return section;
}

/** Names that an editor offers where others may be written too. */
function suggest(schema: JsonSchema, names: readonly string[]): void {
  const { description, ...own } = schema;
  for (const key of Object.keys(schema)) delete schema[key];
  Object.assign(schema, { ...(description !== undefined && { description }), anyOf: [{ enum: [...names] }, own] });
}

async function configsByKind(): Promise<JsonSchema[]> {
  const rules: JsonSchema[] = [];
  for (const kind of readyMadeKinds) {
    const { name, kinds } = kind;
    const { configSchema: config } = await kind.load();
    if (config === undefined) continue;
    const section = jsonSchemaOf(config, 'none');
    const isOptional = config.safeParse({}).success;
    describeKeys(section, keysUnder(`docs/reference/plugins/${name}.md`, '## Settings'));
    rules.push({
      // Of one that is disabled nothing is read.
      if: {
        properties: { kind: { enum: [name, ...kinds] }, mode: { not: { const: 'disabled' } } },
        required: ['kind'],
      },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: isOptional
        ? { properties: { config: { anyOf: [section, { type: 'null' }] } } }
        : { properties: { config: section }, required: ['config'] },
    });
  }
  return rules;
}
