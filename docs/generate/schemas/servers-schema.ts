import { entrySchema } from '../../../src/downstream/servers-file/entry-schema.js';
import { ignoredKeys, refusedKeys } from '../../../src/downstream/servers-file/key-rules.js';
import { describeKeys, keysUnder } from './documented-keys.js';
import { type JsonSchema, jsonSchemaOf, partOf } from './json-schema.js';

/** What asks for nothing, and is no error under any key. */
const nothing = [{ enum: [null, false, ''] }, { type: 'array', maxItems: 0 }, { type: 'object', maxProperties: 0 }];

/** The schema of a servers file, as strict as `--strict`. */
export function serversSchema(): JsonSchema {
  const entry = jsonSchemaOf(entrySchema, 'variables');
  describeKeys(entry, keysUnder('docs/reference/servers-file.md', '## A server'));
  entry['additionalProperties'] = false;
  const properties = partOf(entry, 'properties');
  for (const [key, why] of Object.entries(ignoredKeys)) properties[key] = { description: `No effect: ${why}.` };
  for (const [key, why] of Object.entries(refusedKeys)) properties[key] = { description: why, anyOf: nothing };
  properties['auth'] = { description: refusedKeys['auth'], anyOf: [...nothing, { const: 'oauth' }] };
  const servers = {
    type: 'object',
    propertyNames: { pattern: '\\S', maxLength: 128 },
    additionalProperties: { anyOf: [{ $ref: '#/$defs/switchedOff' }, { $ref: '#/$defs/server' }] },
  };
  return {
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      mcpServers: { description: 'The servers, by name.', ...servers },
      servers: { description: 'The same, as some clients call it.', ...servers },
      inputs: { description: 'No effect: nobody is asked here.' },
      serverDefaults: { description: 'Not supported.', anyOf: nothing },
    },
    oneOf: [{ required: ['mcpServers'] }, { required: ['servers'] }],
    additionalProperties: false,
    $defs: {
      server: { ...entry, oneOf: [{ required: ['command'] }, { required: ['url'] }] },
      // Of a server that is switched off nothing else is looked at.
      switchedOff: {
        type: 'object',
        anyOf: [
          { properties: { disabled: { const: true } }, required: ['disabled'] },
          { properties: { enabled: { const: false } }, required: ['enabled'] },
        ],
      },
    },
  };
}
