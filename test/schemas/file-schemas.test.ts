import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { fileSchemas } from '../../docs/generate/schemas/file-schemas.js';
import { partOf } from '../../docs/generate/schemas/json-schema.js';
import { parseJson } from '../../src/config/source/json-source.js';
import { parseYaml } from '../../src/config/source/config-file.js';

const schemas = await fileSchemas();
const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false, strictRequired: false });
const faultsOf = (kind: string, data: unknown): unknown => {
  const validate = ajv.compile(schemas.get(`${kind}.json`) ?? {});
  return validate(data) ? undefined : validate.errors;
};

/** Files of the documentation and of tests, by the end of their names. */
function filesUnder(folder: string, end: RegExp): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
  return files.filter((file) => end.test(file) && !file.includes('node_modules'));
}

/** What stands in the fences of a page under one of these words. */
function blocksOf(page: string, language: string): string[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);
}

const pages = ['README.md', ...filesUnder('docs', /\.md$/)];
// The one that is left out is there for what loading takes: two of its plugins would not start.
const yamlFiles = [
  ...filesUnder('docs/examples', /\.ya?ml$/),
  ...filesUnder('test/fixtures/config', /(?<!gateway-1\.0\.0)\.yaml$/),
];
const yamlBlocks = pages.flatMap((page) => blocksOf(page, 'yaml').map((block) => [page, block] as const));
const texts = [
  ...yamlFiles.map((file) => [file, readFileSync(file, 'utf8')] as const),
  ...yamlBlocks.filter(([, block]) => /^\s*plugins:/m.test(block)),
];

it('are shipped as they are made', () => {
  for (const [name, schema] of schemas)
    expect(JSON.parse(readFileSync(`dist/schemas/${name}`, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
  expect(readdirSync('dist/schemas').toSorted()).toEqual([...schemas.keys()].toSorted());
});

it.each(texts.map(([file, text], index) => [`${file} (${index})`, text]))('take the plugins of %s', (file, text) => {
  const names = text.match(/(?<=env\.)\w+/g) ?? [];
  const env = Object.fromEntries(names.map((name) => [name, '1']));
  expect(faultsOf('plugins', parseYaml(text, file, env).toData() ?? {})).toBeUndefined();
});

const jsonFiles = filesUnder('docs/examples', /\.json$/).map((file) => [file, readFileSync(file, 'utf8')] as const);
const jsonTexts = [
  ...jsonFiles,
  ...pages.flatMap((page) => blocksOf(page, 'jsonc?').map((block) => [page, block] as const)),
];
const data = jsonTexts.flatMap(([file, text], index) => {
  try {
    return [[`${file} (${index})`, Object(parseJson(text, file).data) as Record<string, unknown>] as const];
  } catch {
    return [];
  }
});

it.each(data.filter(([, { mcpServers, servers, version }]) => (mcpServers ?? servers) !== undefined && !version))(
  'take the servers of %s',
  (_file, servers) => {
    expect(faultsOf('servers', servers)).toBeUndefined();
  },
);

it.each(data.filter(([, { agents }]) => typeof agents === 'object'))('take the rules of %s', (_file, rules) => {
  expect(faultsOf('rules', rules)).toBeUndefined();
});

it.each(data.filter(([, { tls, oauth }]) => (tls ?? oauth) !== undefined))('take the options of %s', (_file, http) => {
  expect(faultsOf('http', http)).toBeUndefined();
});

it('know the keys of plugins that come with the package, by their kinds', () => {
  const entry = (more: object) => ({ plugins: [{ name: 'a', hooks: ['tool_pre_invoke'], ...more }] });
  expect(faultsOf('plugins', entry({ kind: 'deny-list', config: { words: ['x'] } }))).toBeUndefined();
  expect(faultsOf('plugins', entry({ kind: 'deny-list', config: { wrds: ['x'] } }))).toBeDefined();
  const theirs = 'plugins.deny_filter.deny.DenyListPlugin';
  expect(faultsOf('plugins', entry({ kind: theirs, config: { words: 5 } }))).toBeDefined();
  expect(faultsOf('plugins', entry({ kind: './mine.js#Mine', config: { wrds: ['x'] } }))).toBeUndefined();
});

it('refuse the settings of plugins that load and do not start', () => {
  const file = 'test/fixtures/config/gateway-1.0.0.yaml';
  const { plugins } = Object(parseYaml(readFileSync(file, 'utf8'), file, {}).toData()) as { plugins: object[] };
  const [searchReplace, denyList] = plugins;
  const keys = Object.keys(Object(searchReplace).config as object);
  expect(keys).toEqual(['words', 'case_sensitive', 'axis']);
  expect(JSON.stringify(faultsOf('plugins', { plugins: [searchReplace] }))).toContain('"case_sensitive"');
  expect(JSON.stringify(faultsOf('plugins', { plugins: [denyList] }))).toContain('"config"');
});

it.each(texts.filter(([file]) => !file.startsWith('test/') && !file.includes('/reference/plugins/')))(
  'are named first in %s, by a path that is shipped',
  (_file, text) => {
    const [, path = ''] =
      /^# yaml-language-server: \$schema=\.{1,2}\/node_modules\/gatechart\/(\S+)\n/.exec(text) ?? [];
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('title');
    expect(JSON.parse(readFileSync('package.json', 'utf8'))).toMatchObject({
      files: expect.arrayContaining(['dist']) as string[],
      exports: { './schemas/*.json': './dist/schemas/*.json' },
    });
  },
);

/** The files of clients have no schema of ours: they have the gateway alone. */
const isOfClient = (servers: unknown): boolean => Object.keys(Object(servers)).join() === 'gateway';

it.each(
  data.flatMap(([name, file]): [string, string, unknown][] => {
    const { mcpServers, servers, version, agents } = file;
    const ours = mcpServers ?? servers;
    const isRules = typeof agents === 'object' && ours === undefined;
    const isServers = ours !== undefined && version === undefined && !isOfClient(ours);
    return isRules || isServers ? [[name, isRules ? 'rules' : 'servers', file['$schema']]] : [];
  }),
)('are named in %s, as is that of its kind: %s', (_name, kind, $schema) => {
  expect($schema).toBe(`./node_modules/gatechart/dist/schemas/${kind}.json`);
});

it('say what keys mean', () => {
  const text = JSON.stringify(schemas.get('plugins.json'));
  expect(text).toContain('Lower runs first, within the phase of its mode');
  const server = partOf(schemas.get('servers.json') ?? {}, '$defs', 'server', 'properties');
  const undescribed = Object.entries(server).filter(([, key]) => !Object.hasOwn(Object(key), 'description'));
  expect(undescribed).toEqual([]);
});
