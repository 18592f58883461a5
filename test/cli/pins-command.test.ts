import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvePins, diffPins, type PinsCommand } from '../../src/cli/pins.js';
import type { ServerEntry } from '../../src/downstream/server-entry.js';
import type { Listed } from '../../src/downstream/server-set-api.js';
import { GatechartError } from '../../src/errors.js';
import { readPins } from '../../src/gateway/pins/pin-file.js';
import { approvedPins, type ReviewedServers, reviewPins } from '../../src/gateway/pins/pin-review.js';
import { isApproved } from '../../src/gateway/pins/pin-states.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';
import { rejection } from '../fixtures/waiting.js';

const require = createRequire(import.meta.url);
const tool = (name: string, description = `does ${name}`): Listed => ({ name, description, inputSchema: {} });

interface FakeServer {
  readonly pin?: ServerEntry['pin'];
  readonly tools?: ServerEntry['tools'];
  /** Or why it cannot be asked. */
  readonly lists: readonly Listed[] | string;
  readonly isStale?: boolean;
}

/** Servers that list these tools. */
function serversOf(given: Readonly<Record<string, FakeServer>>): ReviewedServers & AsyncDisposable {
  return {
    names: () => Object.keys(given),
    entry(name) {
      const { pin = 'block', tools = { allow: undefined, deny: undefined } } = given[name] ?? expect.unreachable();
      return { name, pin, tools } as ServerEntry;
    },
    async list(name) {
      const { lists, isStale = false } = given[name] ?? expect.unreachable();
      if (typeof lists === 'string') throw new GatechartError('SERVER_UNAVAILABLE', lists);
      return { items: lists, isStale, asOf: 0 };
    },
    async [Symbol.asyncDispose]() {},
  };
}

const run = async (
  command: typeof diffPins,
  given: Readonly<Record<string, FakeServer>>,
  more: Partial<PinsCommand> & { lock: string },
) => {
  const out = { stdout: '', stderr: '' };
  const io = {
    stdout: { write: (text: string) => (out.stdout += text) },
    stderr: { write: (text: string) => (out.stderr += text) },
    env: {},
  };
  const code = await command({ servers: 'servers.json', ...more }, io, async () => serversOf(given));
  return { code, ...out };
};
const lockFile = () => join(folderWith({}), 'gatechart.lock');

describe('gatechart pins', () => {
  it('finds all new, then approves, then finds nothing, then what changed', async () => {
    const lock = lockFile();
    const before = { s: { lists: [tool('a'), tool('b'), tool('c')] } };
    expect(await run(diffPins, before, { lock })).toEqual({
      code: 1,
      stdout: '"s" "a" new: "does a"\n"s" "b" new: "does b"\n"s" "c" new: "does c"\n3 differences\n',
      stderr: '',
    });
    expect(existsSync(lock)).toBe(false);
    expect(await run(approvePins, before, { lock })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`3 differences approved in ${lock}\n`),
    });
    expect(await run(diffPins, before, { lock })).toEqual({ code: 0, stdout: '0 differences\n', stderr: '' });
    const after = {
      s: { lists: [tool('a', 'does a\u202e and more'), tool('b'), { ...tool('c'), name: 'd' }, tool('e')] },
    };
    expect(await run(diffPins, after, { lock })).toMatchObject({
      code: 1,
      stdout:
        '"s" "a" changed (description): "does a\\u202e and more"\n"s" "d" new (content as "c" had): "does c"\n' +
        '"s" "e" new: "does e"\n"s" "c" missing\n4 differences\n',
    });
  });

  it('looks at the servers whose entries say so, and at one that is named', async () => {
    const lock = lockFile();
    const given: Record<string, FakeServer> = {
      on: { lists: [tool('a')], pin: 'warn' },
      off: { lists: [tool('b')], pin: 'off' },
    };
    expect((await run(diffPins, given, { lock })).stdout).toBe('"on" "a" new: "does a"\n1 difference\n');
    expect((await run(approvePins, given, { lock, server: 'off' })).code).toBe(0);
    expect([...(await readPins(lock)).keys()]).toEqual(['off']);
  });

  it('approves one tool alone, and forgets one that is missing', async () => {
    const lock = lockFile();
    await run(approvePins, { s: { lists: [tool('a'), tool('b')] }, t: { lists: [tool('x')] } }, { lock });
    const after = { s: { lists: [tool('a', 'new'), tool('c')] }, t: { lists: [tool('x')] } };
    const approved = await run(approvePins, after, { lock, server: 's', tool: 'a' });
    expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining('1 difference approved') });
    expect(await run(diffPins, after, { lock })).toMatchObject({
      stdout: '"s" "c" new: "does c"\n"s" "b" missing\n2 differences\n',
    });
    await run(approvePins, after, { lock });
    expect([...((await readPins(lock)).get('s')?.keys() ?? [])]).toEqual(['a', 'c']);
  });

  it('does not look at tools that the entry does not let through', async () => {
    const filtered = { lists: [tool('get_a'), tool('drop_a')], tools: { allow: undefined, deny: ['drop_*'] } };
    const { stdout } = await run(diffPins, { s: filtered }, { lock: lockFile() });
    expect(stdout).toBe('"s" "get_a" new: "does get_a"\n1 difference\n');
  });

  it('ends with 2 where a server cannot be asked, and approves the others', async () => {
    const lock = lockFile();
    const given = {
      away: { lists: 'Server away is unavailable: nobody is there' },
      stale: { lists: [tool('a')], isStale: true },
      twice: { lists: [tool('a'), tool('a', 'other')] },
      fine: { lists: [tool('a')] },
    };
    const { code, stdout, stderr } = await run(approvePins, given, { lock });
    expect(code).toBe(2);
    expect(stdout).toContain('1 difference approved');
    expect(stderr.trimEnd().split('\n')).toEqual([
      'server "away": nobody is there',
      'server "stale": it could not be asked for its tools',
      'server "twice": it lists the tool "a" twice',
    ]);
    expect([...(await readPins(lock)).keys()]).toEqual(['fine']);
    expect((await run(diffPins, given, { lock })).code).toBe(2);
  });

  it.each<[what: string, more: Pick<PinsCommand, 'server' | 'tool'>, said: string]>([
    ['a server that is not there', { server: 'other' }, 'servers.json: there is no server "other"\n'],
    [
      'a name that is nearly right',
      { server: 'sess' },
      'servers.json: there is no server "sess"; did you mean "ses"?\n',
    ],
    ['a tool that is not there', { server: 's', tool: 'b' }, 'server "s" has no tool "b", nor was one approved\n'],
    [
      'a tool that is nearly right',
      { server: 's', tool: 'serch' },
      'server "s" has no tool "serch", nor was one approved; did you mean "search"?\n',
    ],
    ['servers without pins', {}, 'servers.json: no server has "pin"; add'],
  ])('ends with 2 for %s', async (_what, more, said) => {
    const lock = lockFile();
    for (const command of [diffPins, approvePins]) {
      const servers = {
        s: { lists: [tool('a'), tool('search')], pin: 'off' },
        ses: { lists: [], pin: 'off' },
      } as const;
      const { code, stdout, stderr } = await run(command, servers, { lock, ...more });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(said);
    }
    expect(existsSync(lock)).toBe(false);
  });

  it('does not replace a lock file that it cannot read', async () => {
    const lock = lockFile();
    writeFileSync(lock, '{');
    expect(await rejection(run(approvePins, { s: { lists: [] } }, { lock }))).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(readFileSync(lock, 'utf8')).toBe('{');
  });

  it('says why a lock file cannot be written', async () => {
    const folder = folderWith({});
    const error = await rejection(run(approvePins, { s: { lists: [tool('a')] } }, { lock: join(folder, 'none/x') }));
    const message = `${folder}/none/x cannot be written: there is no folder ${folder}/none`;
    expect(error).toMatchObject({ code: 'CONFIG_UNREADABLE', message });
  });

  it('says of a lock file that is no text what it is', async () => {
    const lock = lockFile();
    writeFileSync(lock, Buffer.from([0xff, 0xfe]));
    expect(await rejection(run(diffPins, { s: { lists: [] } }, { lock }))).toMatchObject({
      message: expect.stringContaining('gatechart.lock: expected text in UTF-8, found other bytes'),
    });
  });

  it('approves what was reviewed, and nothing else', async () => {
    const lists = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        description: fc.constantFrom('x', 'y'),
        inputSchema: fc.constant({}),
      }),
      { selector: ({ name }) => name },
    );
    const scope = fc.record({
      server: fc.constantFrom('s', 't', undefined),
      tool: fc.constantFrom('a', 'b', undefined),
    });
    await fc.assert(
      fc.asyncProperty(lists, lists, lists, lists, scope, async (s, t, sNow, tNow, { server, tool }) => {
        const first = await reviewPins(serversOf({ s: { lists: s }, t: { lists: t } }), new Map(), {});
        const before = approvedPins(new Map(), first);
        const now = { s: sNow, t: tNow };
        const reviews = await reviewPins(serversOf({ s: { lists: sNow }, t: { lists: tNow } }), before, {
          server,
          tool,
        });
        const after = approvedPins(before, reviews);
        for (const name of ['s', 't'] as const) {
          for (const toolName of ['a', 'b', 'c']) {
            const inScope = (server ?? name) === name && (tool ?? toolName) === toolName;
            const listed = now[name].find((one) => one.name === toolName);
            if (!inScope) expect(after.get(name)?.get(toolName)).toEqual(before.get(name)?.get(toolName));
            else if (listed === undefined) expect(after.get(name)?.has(toolName) ?? false).toBe(false);
            else expect(isApproved(after.get(name), listed)).toBe(true);
          }
        }
      }),
    );
  });

  it('works with a real server, as a command', async () => {
    const memory = require.resolve('@modelcontextprotocol/server-memory/dist/index.js');
    const servers = {
      memory: { command: process.execPath, args: [memory], pin: 'block' },
      tracker: { command: 'tracker', pin: 'block', disabled: true },
    };
    const folder = folderWith({ 'servers.json': JSON.stringify({ mcpServers: servers }) });
    const pins = (...args: readonly string[]) =>
      gatechart(['pins', args[0] ?? '', '--servers', 'servers.json', ...args.slice(1)], { cwd: folder });
    expect(await pins('diff')).toMatchObject({ code: 1, stdout: expect.stringContaining('"memory" "read_graph" new') });
    expect(await pins('approve')).toMatchObject({ code: 0, stderr: '' });
    expect(await pins('diff')).toMatchObject({ code: 0, stdout: '0 differences\n', stderr: '' });
    const lock = join(folder, 'gatechart.lock');
    writeFileSync(
      lock,
      readFileSync(lock, 'utf8')
        .replace(/("read_graph": \{\s+"hash": "sha256:)/, '$1x')
        .replace(/sha256:x.{8}/, 'sha256:00000000'),
    );
    expect(await pins('diff')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^"memory" "read_graph" changed/),
    });
    expect(await pins('diff', '--server', 'other')).toMatchObject({ code: 2, stdout: '' });
    expect(await pins('diff', '--server', 'tracker')).toMatchObject({
      code: 2,
      stderr: 'servers.json: server "tracker" is disabled\n',
    });
    expect(await pins('diff', '--server', 'trackr')).toMatchObject({
      code: 2,
      stderr: 'servers.json: there is no server "trackr"; did you mean "tracker"?\n',
    });
    expect(await pins('diff', '--colour')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unknown option'),
    });
  });
});

it('what a server says of itself in an error cannot move the cursor of a terminal', async () => {
  const { stderr } = await run(diffPins, { a: { lists: 'gone\u001b[2J\u001b]0;title\u0007' } }, { lock: lockFile() });
  expect(stderr).toBe('server "a": gone[2J]0;title\n');
});
