import { httpFileSchema } from '../../../src/gateway/http/http-file.js';
import { describeKeys, keysUnder } from './documented-keys.js';
import { type JsonSchema, jsonSchemaOf } from './json-schema.js';

/** The schema of the file that `gatechart serve --http` reads. */
export function httpSchema(): JsonSchema {
  const schema = jsonSchemaOf(httpFileSchema, 'variables');
  describeKeys(schema, keysUnder('docs/reference/gateway-http.md', '## Options'));
  return schema;
}
