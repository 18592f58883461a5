import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { schemaKinds } from '../../src/cli/schema.js';
import { plugins } from '../fixtures/docs/typed-configuration.js';

const page = readFileSync('docs/reference/configuration.md', 'utf8');

it('the configuration in code of the page is compiled, and loads', () => {
  expect(page).toContain(`\`\`\`ts\n${readFileSync('test/fixtures/docs/typed-configuration.ts', 'utf8')}\`\`\`\n`);
  expect(plugins).toMatchObject([{ name: 'words', kind: 'deny-list', config: { words: ['confidential'] } }]);
});

it('the page names the schema of every file, and how a file names it', () => {
  const [, section = ''] = page.split('\n## JSON Schemas\n');
  for (const kind of schemaKinds) expect(section.split(`/dist/schemas/${kind}.json`)).toHaveLength(2);
});
