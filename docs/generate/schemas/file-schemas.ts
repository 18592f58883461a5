import { httpSchema } from './http-schema.js';
import type { JsonSchema } from './json-schema.js';
import { pluginsSchema } from './plugins-schema.js';
import { rulesSchema } from './rules-schema.js';
import { serversSchema } from './servers-schema.js';

/** Of every file that people write. */
const schemas: Readonly<
  Record<string, { readonly title: string; readonly make: () => JsonSchema | Promise<JsonSchema> }>
> = {
  plugins: { title: 'gatechart: a configuration of plugins', make: pluginsSchema },
  servers: { title: 'gatechart: a servers file', make: serversSchema },
  rules: { title: 'gatechart: a rules file', make: rulesSchema },
  http: { title: 'gatechart: the file of `gatechart serve --http`', make: httpSchema },
};

/** The JSON Schemas of all files, by the names under which they are shipped: `plugins.json`. */
export async function fileSchemas(): Promise<ReadonlyMap<string, JsonSchema>> {
  const made = Object.entries(schemas).map(async ([name, { title, make }]) => {
    const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...(await make()) };
    return [`${name}.json`, schema] as const;
  });
  return new Map(await Promise.all(made));
}
