/** Writes the JSON Schemas of the files that gatechart reads: a part of `npm run build`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fileSchemas } from './file-schemas.js';

const folder = fileURLToPath(new URL('../../../dist/schemas/', import.meta.url));

await mkdir(folder, { recursive: true });
for (const [name, schema] of await fileSchemas()) {
  await writeFile(`${folder}${name}`, `${JSON.stringify(schema, undefined, 2)}\n`);
}
