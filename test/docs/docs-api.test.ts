import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtInHooks } from '../../src/index.js';

const page = readFileSync('docs/reference/api.md', 'utf8');

const entryPoints = [
  { name: 'gatechart', file: 'src/index.ts' },
  { name: 'gatechart/machines', file: 'machines/index.ts' },
  { name: 'gatechart/inspect', file: 'src/inspect/index.ts' },
  { name: 'gatechart/plugins', file: 'src/catalogue/index.ts' },
  { name: 'gatechart/opentelemetry', file: 'src/opentelemetry/index.ts' },
  { name: 'gatechart/prometheus', file: 'src/prometheus/index.ts' },
  { name: 'gatechart/express', file: 'src/adapters/express/index.ts' },
  { name: 'gatechart/fastify', file: 'src/adapters/fastify/index.ts' },
  { name: 'gatechart/hono', file: 'src/adapters/hono/index.ts' },
  { name: 'gatechart/ai', file: 'src/adapters/ai/index.ts' },
  { name: 'gatechart/openai-agents', file: 'src/adapters/openai-agents/index.ts' },
  { name: 'gatechart/langchain', file: 'src/adapters/langchain/index.ts' },
  { name: 'gatechart/testing', file: 'src/testing/index.ts' },
].filter(({ file }) => existsSync(file));

describe.each(entryPoints)('the part on $name of the page on the API', ({ name, file }) => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? '';
  const entries = section.split(/^#### /m).slice(1);
  const headings = entries.map((entry) => entry.slice(0, entry.indexOf('\n')));
  const index = readFileSync(file, 'utf8');

  it('has an entry for everything that is exported, and for nothing else', async () => {
    const exported = [...index.matchAll(/\{([^}]*)\}/g)].flatMap(([, names = '']) => namesIn(names));
    expect(headings.toSorted()).toEqual(exported.toSorted());
    const module = (await import(`../../${file}`)) as object;
    expect(headings).toEqual(expect.arrayContaining(Object.keys(module)));
  });

  it('is complete, because the index exports by name only', () => {
    const rest = index.replace(/export (type )?\{[^}]*\} from '[^']+';/g, '').replace(/\/\*[\s\S]*?\*\//g, '');
    expect(rest.trim()).toBe('');
  });

  it('says in a sentence what each is', () => {
    const silent = entries.filter((entry) => !/^\w+\n\n[^`#\n].*[.:]/.test(entry) && !/^\w+\n\n`[^`]/.test(entry));
    expect(silent).toEqual([]);
  });
});

it('the payload of every hook that is built in has an entry', () => {
  const typeOf = (hook: string) => `${hook.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())}Payload`;
  const ofMessages = (hook: string) => hook === 'evaluate' || hook.startsWith('cmf.');
  const missing = builtInHooks
    .map(({ name }) => (ofMessages(name) ? 'MessagePayload' : typeOf(name)))
    .filter((name) => !page.includes(`\n#### ${name}\n`));
  expect(missing).toEqual([]);
});

it('every type of ours that a signature names has an entry', () => {
  const ours = new Set(declaredIn('src').concat(declaredIn('machines')));
  const code = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text).join('\n');
  const named = code.replace(/\/\*\*[\s\S]*?\*\//g, '').match(/\b[A-Z]\w+/g) ?? [];
  const missing = [...new Set(named)].filter((name) => ours.has(name) && !page.includes(`\n#### ${name}\n`));
  expect(missing).toEqual([]);
});

function namesIn(list: string): string[] {
  const names = list.split(',').map((name) => name.trim().replace(/^type /, ''));
  return names.filter((name) => name !== '');
}

function declaredIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) =>
    [
      ...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/^export (?:abstract )?(?:class|interface|type) (\w+)/gm),
    ].map(([, name = '']) => name),
  );
}
