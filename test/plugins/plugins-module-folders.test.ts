import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KindUnusableError, resolveKind } from '../../src/plugins/module-resolution.js';
import { temporaryFolder } from '../fixtures/config/refusal.js';

const root = realpathSync(temporaryFolder());
const conf = join(root, 'conf');
afterAll(() => rmSync(root, { recursive: true }));

function file(path: string, text = 'export const A = 1;\n'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeAll(() => {
  const described = (name: string, more = ''): string => `{"name": "${name}", "type": "module"${more}}`;
  file('outside/evil.js');
  file('conf/node_modules/evil.js');
  file('conf/near.js');
  file('conf/in/near.js');
  file('conf/node_modules/plain/package.json', described('plain'));
  file('conf/node_modules/plain/a.js');
  file('conf/node_modules/plain/deep/b.js');
  file('conf/node_modules/@acme/scoped/package.json', described('@acme/scoped', ', "exports": {"./*": "./lib/*.js"}'));
  file('conf/node_modules/@acme/scoped/lib/a.js');
  file('conf/node_modules/@acme/evil.js');
  symlinkSync(join(root, 'outside'), join(conf, 'node_modules/plain/link'));
  symlinkSync(join(root, 'outside/evil.js'), join(conf, 'node_modules/plain/link.js'));
  file('conf/node_modules/main-out/package.json', '{"name": "main-out", "main": "../evil.js"}');
  file(
    'conf/node_modules/exports-out/package.json',
    described('exports-out', ', "exports": {"./x": "./../evil.js", "./y": "./%2e%2e/evil.js"}'),
  );
  file(
    'conf/package.json',
    described('self', ', "exports": {"./near": "./near.js"}, "imports": {"#evil": "plain/link.js", "#fs": "node:fs"}'),
  );
  // As `npm link` and pnpm install: the package is elsewhere.
  file('linked/package.json', described('linked'));
  file('linked/a.js');
  symlinkSync(join(root, 'linked'), join(conf, 'node_modules/linked'));
  file('conf/node_modules/.store/p@1/node_modules/stored/package.json', described('stored', ', "exports": "./a.js"'));
  file('conf/node_modules/.store/p@1/node_modules/stored/a.js');
  symlinkSync(join(conf, 'node_modules/.store/p@1/node_modules/stored'), join(conf, 'node_modules/stored'));
  file('node_modules/above/package.json', described('above'));
  file('node_modules/above/a.js');
  symlinkSync(join(root, 'outside'), join(conf, 'out'));
  symlinkSync(join(root, 'outside/evil.js'), join(conf, 'out.js'));
});

const roots = { baseDir: conf, pluginDirs: [] };
const resolved = (kind: string): string => fileURLToPath(resolveKind(kind, roots).url).slice(root.length + 1);

describe('the module of a kind is in its folder, wherever links lead', () => {
  it.each([
    ['plain/a.js#A', 'conf/node_modules/plain/a.js'],
    ['plain/deep/b.js#A', 'conf/node_modules/plain/deep/b.js'],
    ['@acme/scoped/a#A', 'conf/node_modules/@acme/scoped/lib/a.js'],
    ['linked/a.js#A', 'linked/a.js'],
    ['stored#A', 'conf/node_modules/.store/p@1/node_modules/stored/a.js'],
    ['above/a.js#A', 'node_modules/above/a.js'],
    ['self/near#A', 'conf/near.js'],
    ['./near.js#A', 'conf/near.js'],
    ['./in/../near.js#A', 'conf/near.js'],
  ])('%s', (kind, path) => {
    expect(resolved(kind)).toBe(path);
  });
});

describe('a kind that leads out of its folder is refused', () => {
  it.each([
    'plain/%2e%2e/evil.js#A',
    'plain/%2E%2E/%2e%2e/%2e%2e/outside/evil.js#A',
    'plain/..%2fevil.js#A',
    'plain/..%5cevil.js#A',
    'plain/.%2e/evil.js#A',
    'plain/%252e%252e/evil.js#A',
    'plain/..\\evil.js#A',
    'plain\\..\\evil.js#A',
    'plain/../evil.js#A',
    'plain/deep/../../evil.js#A',
    'plain/..#A',
    '@acme/scoped/../evil.js#A',
    '@acme/scoped/%2e%2e/evil.js#A',
    '@acme/%2e%2e/evil.js#A',
    '@acme/evil.js#A',
    'evil.js#A',
    'plain/link/evil.js#A',
    'plain/link.js#A',
    'main-out#A',
    'exports-out/x#A',
    'exports-out/y#A',
    '#evil#A',
    '#fs#A',
    'plain/a.js?x#A',
    'plain/a.js#b#A',
    'plain/a.js\0#A',
    '../outside/evil.js#A',
    './../outside/evil.js#A',
    './%2e%2e/outside/evil.js#A',
    './out/evil.js#A',
    './out.js#A',
    '/etc/passwd#A',
    'file:///etc/passwd#A',
    'FILE:///etc/passwd#A',
    'data:text/javascript,1#A',
    'data:text/javascript;base64,MQ==#A',
    'node:fs#A',
    'fs#A',
    'fs/promises#A',
    'http://h/x.js#A',
    ' file:///etc/passwd#A',
    '\tnode:fs#A',
    '.#A',
    '..#A',
    './#A',
    '.\\near.js#A',
    'plain#A',
    '#A',
    'plain/a.js#',
  ])('%s', (kind) => {
    expect(() => resolveKind(kind, roots)).toThrow(KindUnusableError);
  });
});
