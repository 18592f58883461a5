import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig, loadConfigInTurns } from '../../src/config/load-config.js';
import type { Problem } from '../../src/config/problem.js';
import { configSchema, parseInParts } from '../../src/config/sections/configuration.js';
import { reportSchemaIssues } from '../../src/config/sections/schema-problems.js';
import { valueAt } from '../../src/json/paths.js';

const entry = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      {
        name: fc.string({ minLength: 1 }),
        kind: fc.constantFrom('external', 'Own'),
        hooks: fc.constantFrom(['tool_pre_invoke'], null),
        priority: fc.constantFrom(1, '2', null),
        unix_socket: fc.constantFrom({ path: '/run/a' }, { path: '/run/b', connections: '4' }, null),
      },
      { requiredKeys: ['name', 'kind'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      null,
      'text',
      7,
      {},
      { name: 5, kind: '' },
      { name: 'a', kind: 'Own', hook: [] },
      { name: 'a', kind: 'external', unix_socket: { path: 1, way: 2 } },
      [{ name: 'a' }],
    ),
  },
);
const usable = fc.array(
  fc.record({ name: fc.string({ minLength: 1 }), kind: fc.constant('Own'), hooks: fc.constant(['tool_pre_invoke']) }),
  { minLength: 45, maxLength: 130, size: 'max' },
);
const entries = fc.oneof(
  fc.array(entry, { minLength: 45, maxLength: 130, size: 'max' }),
  fc.array(entry, { maxLength: 3 }),
  fc.constantFrom<unknown>(undefined, null, {}, 'none'),
);
const config = fc.record(
  {
    plugins: entries,
    plugin_settings: fc.constantFrom<unknown>({ plugin_timeout: 3 }, { plugin_timeout: 'x' }, [], null),
    plugin_dirs: fc.constantFrom<unknown>(['a'], [1], 'a'),
    plugin: fc.constant(1),
  },
  { requiredKeys: [] },
);
/** Long ones that are all right, but for one entry at most. */
const almostUsable = fc
  .record({ plugins: usable, at: fc.nat(), wrong: fc.constantFrom<unknown>(undefined, null, { name: 5, kind: '' }) })
  .map(({ plugins, at, wrong }) => ({
    plugins: wrong === undefined ? plugins : plugins.with(at % plugins.length, wrong as never),
  }));
const written = fc.oneof(
  { weight: 14, arbitrary: config },
  { weight: 6, arbitrary: almostUsable },
  { weight: 1, arbitrary: fc.constantFrom([], 'a', null) },
);

/** What problems say, and of what. */
function words(problems: readonly Problem[]): unknown[] {
  return problems.map(({ path, at, severity, message }) => ({ path, at, severity, message: message('it') }));
}

describe('a configuration that is read in parts', () => {
  it('gives what its schema gives, and tells the same problems in the same order', () => {
    fc.assert(
      fc.property(written, (value) => {
        const told: Problem[] = [];
        const parts = parseInParts(value, (problem) => void told.push(problem));
        let part = parts.next();
        while (part.done !== true) part = parts.next();
        const whole = configSchema.safeParse(value);
        const expected: Problem[] = [];
        if (!whole.success)
          reportSchemaIssues(
            whole.error,
            (path) => valueAt(value, path),
            (problem) => void expected.push(problem),
          );
        expect(words(told)).toEqual(words(expected));
        expect(part.value).toEqual(whole.data);
      }),
    );
  });

  it('lets the event loop go on where it is long, and is what it was when it was asked for', async () => {
    const plugins = Array.from({ length: 500 }, (_, index) => ({ name: `p-${index}`, kind: 'Own', hooks: ['h'] }));
    const source = { plugins };
    const wanted = loadConfig(source, { env: {} });
    let turns = 0;
    const progress = { isDone: false };
    const loading = loadConfigInTurns(source, { env: {} }).finally(() => (progress.isDone = true));
    plugins.length = 1;
    while (!progress.isDone) {
      await nextTurn();
      turns++;
    }
    expect(await loading).toEqual(wanted);
    expect(turns).toBeGreaterThan(5);
  });
});
