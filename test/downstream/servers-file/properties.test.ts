import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-issue.js';
import { pathText } from '../../../src/config/problem.js';
import { takenKeys } from '../../../src/downstream/servers-file/entry-schema.js';
import { type ReadServers, readServers } from '../../../src/downstream/servers-file/read-servers.js';
import { readText } from '../../fixtures/downstream/servers-folder.js';

const texts = [
  'node',
  'https://x/mcp',
  'unix:///a',
  '${A}',
  '${UNSET}',
  '${file:x}',
  '${x',
  'once',
  'stdio',
  'http',
  '1000',
];
const scalars = [true, false, 0, 1, 5_000, 2 ** 40, -1, 0.5, null];
const nested = [[], {}, ['a'], ['${A}'], { A: 'b' }, { allow: ['a*'] }, { deny: ['${UNSET}'] }, [{ uri: 'file:///a' }]];

/** Values that are right for some key, and some that are right for none. */
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom<unknown>(...texts, ...scalars, ...nested));

const known = [...takenKeys, 'autoApprove', 'sandbox', 'auth', 'comand', '__proto__', 'constructor'];
const key = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: fc.string() });

const valid = fc.constantFrom<Record<string, unknown>>(
  { command: 'node', args: ['a'], env: { A: '${A}' }, timeout: 5_000 },
  { url: 'https://x/mcp', headers: { Authorization: 'Bearer ${A}' }, tools: { deny: ['a'] } },
  { url: 'http://x/sse', oauth: { clientId: 'x', scopes: ['a'] } },
);

/** An entry that was right before some of its keys were changed. */
const mutated = fc
  .tuple(valid, fc.array(fc.tuple(key, value), { maxLength: 3 }))
  .map(([entry, changes]) => new Map([...Object.entries(entry), ...changes]));

const entries = fc.uniqueArray(fc.tuple(fc.oneof(fc.string(), key), fc.oneof(mutated, value)), {
  selector: ([name]) => name,
  maxLength: 5,
});

/** As text, one key of an entry a line, and the line of each server and of each of its keys, by its path. */
function written(servers: readonly (readonly [string, unknown])[]): { text: string; lines: Map<string, number> } {
  const text = ['{"mcpServers": {'];
  const lines = new Map<string, number>();
  for (const [index, [name, entry]] of servers.entries()) {
    const end = index === servers.length - 1 ? '' : ',';
    const fields = entry instanceof Map ? entry : undefined;
    text.push(`${JSON.stringify(name)}: ${fields === undefined ? JSON.stringify(entry) + end : '{'}`);
    lines.set(pathText(['mcpServers', name]), text.length);
    if (fields === undefined) continue;
    for (const [field, held] of fields) {
      text.push(`${JSON.stringify(field)}: ${JSON.stringify(held)},`);
      lines.set(pathText(['mcpServers', name, field]), text.length);
    }
    text.push(`}${end}`);
  }
  return { text: [...text, '}}'].join('\n'), lines };
}

/** The line of the longest path that leads to another one. */
function lineOf(path: string, lines: ReadonlyMap<string, number>): number | undefined {
  const leading = [...lines.keys()].filter(
    (known) => path === known || path.startsWith(`${known}.`) || path.startsWith(`${known}[`),
  );
  return lines.get(leading.toSorted((a, b) => b.length - a.length)[0] ?? '');
}

const env = { A: 'value of A' };

describe('any servers', () => {
  it('are each one that can be used, a broken one or a disabled one, and every issue stands in the line it names', () => {
    fc.assert(
      fc.property(entries, (servers) => {
        const { text, lines } = written(servers);
        const read = readText(text, { env });
        const names = [...read.entries, ...read.broken].map(({ name }) => name).concat(read.disabled);
        expect(names.toSorted()).toEqual(servers.map(([name]) => name).toSorted());
        for (const { line, path, message } of read.issues) {
          expect(message).not.toContain('value of A');
          expect(`${path} in line ${line}`).toBe(`${path} in line ${lineOf(path, lines)}`);
        }
        for (const { name, error } of read.broken) {
          expect(error).not.toBe('');
          expect(read.entries.some((entry) => entry.name === name)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are refused as a whole exactly if one is wrong, under strictness', () => {
    fc.assert(
      fc.property(entries, (servers) => {
        const { text } = written(servers);
        const loose = readText(text, { env });
        const strict = outcomeOf(() => readText(text, { env, strict: true }));
        if (loose.broken.length > 0) expect(strict).toBeInstanceOf(ConfigError);
        if (!(strict instanceof ConfigError)) {
          expect(strict.entries).toEqual(loose.entries);
          expect(strict.broken).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of a program are refused with a ConfigError or not at all, whatever they are', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 4 }), fc.boolean(), (anything, isInside) => {
        const source = isInside ? { mcpServers: { a: anything } } : anything;
        if (typeof source !== 'object' || source === null) return;
        outcomeOf(() => readServers(source, { env }));
      }),
      { numRuns: 500 },
    );
  });

  it('say the same as a file and as an object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), valid, { noNullPrototype: true }), (servers) => {
        const data = { mcpServers: servers };
        expect(readServers(data, { env }).entries).toEqual(
          [...readText(JSON.stringify(data), { env }).entries].sort(
            (a, b) => Object.keys(servers).indexOf(a.name) - Object.keys(servers).indexOf(b.name),
          ),
        );
      }),
    );
  });
});

function outcomeOf(read: () => ReadServers): ReadServers | ConfigError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
