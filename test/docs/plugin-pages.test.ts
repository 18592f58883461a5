import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readyMadeKinds } from '../../src/catalogue/index.js';
import { examplesOf, runExample } from '../fixtures/docs/plugin-calls.js';
import { settingsOf } from '../fixtures/docs/plugin-settings.js';

const folder = 'docs/reference/plugins';
const sections = ['What it stops', 'What it does not stop', 'Settings', 'Codes', 'Example', 'Differences'];

it('every plugin has a page, and every page a plugin', () => {
  const pages = readdirSync(folder).filter((file) => file !== 'README.md');
  expect(pages.toSorted()).toEqual(readyMadeKinds.map(({ name }) => `${name}.md`).toSorted());
});

it('the list of the plugins names each with a link', () => {
  const list = readFileSync(`${folder}/README.md`, 'utf8');
  expect(readyMadeKinds.filter(({ name }) => !list.includes(`[${name}](${name}.md)`))).toEqual([]);
});

describe.each(readyMadeKinds.filter(({ name }) => existsSync(`${folder}/${name}.md`)))('the page of $name', (kind) => {
  const page = readFileSync(`${folder}/${kind.name}.md`, 'utf8');

  it('has the sections that all have', () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings.filter((heading) => sections.includes(String(heading)))).toEqual(sections);
  });

  it('names its kinds and hooks', () => {
    const missing = [kind.name, ...kind.kinds, ...kind.hooks].filter((name) => !page.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });

  it('lists the settings that there are, with their defaults, and no others', async () => {
    const [, table = ''] = /^## Settings$([\s\S]*?)(?=^## )/m.exec(page) ?? [];
    const rows = [...table.matchAll(/^\| `([^`]+)` \| (.*?) \| /gm)].map(([, key, value]) => ({ key, value }));
    const settings = settingsOf((await kind.load()).configSchema);
    expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(settings.map(({ key }) => key)));
    expect(rows).toHaveLength(settings.length);
    for (const { key, standard } of settings) {
      if (standard === undefined) continue;
      const shown = rows.find((row) => row.key === key)?.value?.replaceAll('`', '');
      expect([JSON.stringify(standard), String(standard)], `the default of ${key}`).toContain(shown);
    }
  });

  it('has an example that does what the page says', async () => {
    const examples = examplesOf(page);
    expect(examples.flatMap(({ calls }) => calls).length).toBeGreaterThan(0);
    for (const example of examples) await runExample(example);
  });
});
