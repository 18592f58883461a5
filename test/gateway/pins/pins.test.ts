import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Listed } from '../../../src/downstream/server-set-api.js';
import { pinFileText, readPins, writePins } from '../../../src/gateway/pins/pin-file.js';
import { pinKnowledge, PinStage } from '../../../src/gateway/pins/pin-stage.js';
import { isApproved, type Pins, pinStates, type ServerPins } from '../../../src/gateway/pins/pin-states.js';
import { type ToolHash, toolHash } from '../../../src/gateway/pins/tool-hash.js';
import { rejection } from '../../fixtures/waiting.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gatechart-pins-'));
afterAll(() => rmSync(folder, { recursive: true }));
const lock = path.join(folder, 'gatechart.lock');

const text = fc.constantFrom('', 'a', 'b', 'naïve 😀');
const tool: fc.Arbitrary<Listed> = fc.record(
  {
    name: fc.constantFrom('get', 'set', 'drop', '__proto__', '7'),
    title: text,
    description: text,
    inputSchema: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 2 }),
    outputSchema: fc.constantFrom({}, { type: 'object' }),
    annotations: fc.record({ readOnlyHint: fc.boolean() }),
  },
  { requiredKeys: ['name', 'inputSchema'] },
);
const tools = fc.uniqueArray(tool, { selector: ({ name }) => name });
const hashOf = (of: Listed): ToolHash => toolHash(of) ?? expect.unreachable();
const approve = (all: readonly Listed[]): ServerPins => new Map(all.map((of) => [String(of['name']), hashOf(of)]));

describe('the hash of a tool', () => {
  const get = { name: 'get', title: 'G', description: 'Gets.', inputSchema: { a: 1, b: 2 }, annotations: { x: true } };

  it('does not depend on the order of keys, on hidden characters, or on what agents are not told', () => {
    const same = {
      _meta: { at: 'now' },
      annotations: { x: true },
      inputSchema: { b: 2, a: 1 },
      description: 'Ge\u200bts.',
      title: 'G',
      name: 'get',
    };
    expect(toolHash(same)).toEqual(toolHash(get));
    expect(hashOf(get).hash).toMatch(/^sha256:[\da-f]{64}$/);
  });

  it.each<[what: string, change: object]>([
    ['name', { name: 'got' }],
    ['title', { title: 'H' }],
    ['no title', { title: undefined }],
    ['description', { description: 'Takes.' }],
    ['input schema', { inputSchema: { a: 1, b: 3 } }],
    ['output schema', { outputSchema: {} }],
    ['annotations', { annotations: { x: false } }],
  ])('is another one with another %s', (_what, change) => {
    expect(hashOf({ ...get, ...change }).hash).not.toBe(hashOf(get).hash);
  });

  it('is the one that everybody gets who hashes canonical JSON', () => {
    // printf '%s' '{"description":"d","inputSchema":{},"name":"n"}' | sha256sum
    expect(hashOf({ name: 'n', inputSchema: {}, description: 'd' }).hash).toBe(
      'sha256:b69520745d81e201b107d859a81ec2ba8966ef0859e9ec9b7f3e3389541fdf7b',
    );
  });

  it('is none for what is too deep to look at', () => {
    let schema: object = {};
    for (let depth = 0; depth < 5_000; depth++) schema = { items: schema };
    expect(toolHash({ name: 'get', inputSchema: schema })).toBeUndefined();
    expect(isApproved(approve([get]), { ...get, inputSchema: schema })).toBe(false);
  });
});

describe('how tools stand to what was approved', () => {
  it('is told of each of them: approved if it is as it was, else new, changed or missing', () => {
    fc.assert(
      fc.property(tools, tools, (before, now) => {
        const pins = approve(before);
        const states = pinStates(pins, now);
        const byName = new Map(before.map((of) => [of['name'], of]));
        expect(states.map(({ tool }) => tool)).toEqual([
          ...now.map(({ name }) => name),
          ...before.map(({ name }) => name).filter((name) => now.every((of) => of['name'] !== name)),
        ]);
        for (const [index, of] of now.entries()) {
          const was = byName.get(of['name']);
          const same = was !== undefined && hashOf(was).hash === hashOf(of).hash;
          expect(states[index]?.state).toBe(same ? 'approved' : was === undefined ? 'new' : 'changed');
          expect(isApproved(pins, of)).toBe(same);
        }
        expect(states.slice(now.length).every(({ state }) => state === 'missing')).toBe(true);
      }),
    );
  });

  it('names what changed', () => {
    const [was, is] = [
      { name: 'a', title: 't', description: 'd', inputSchema: {} },
      { name: 'a', description: 'e', inputSchema: {} },
    ];
    expect(pinStates(approve([was]), [is])).toEqual([
      { state: 'changed', tool: 'a', fields: ['title', 'description'] },
    ]);
  });

  it('shows a tool under another name as a new one that was called something else', () => {
    const [was, is] = [
      { name: 'a', inputSchema: { x: 1 } },
      { name: 'b', inputSchema: { x: 1 } },
    ];
    expect(pinStates(approve([was]), [is])).toEqual([
      { state: 'new', tool: 'b', renamedFrom: 'a' },
      { state: 'missing', tool: 'a' },
    ]);
    // One that is still there was not renamed.
    expect(pinStates(approve([was]), [was, is])).toMatchObject([{ state: 'approved' }, { renamedFrom: undefined }]);
  });
});

describe('the lock file', () => {
  const allPins: fc.Arbitrary<Pins> = fc
    .dictionary(fc.constantFrom('s', 't', '__proto__', 'a b'), tools)
    .map((servers) => new Map(Object.entries(servers).map(([server, all]) => [server, approve(all)])));

  it('says what was written, sorted, and the same for the same', async () => {
    await fc.assert(
      fc.asyncProperty(allPins, async (pins) => {
        await writePins(lock, pins);
        expect(await readPins(lock)).toEqual(pins);
        const turned = new Map([...pins].reverse().map(([server, all]) => [server, new Map([...all].reverse())]));
        expect(pinFileText(turned)).toBe(readFileSync(lock, 'utf8'));
      }),
      { numRuns: 50 },
    );
    expect(readdirSync(folder)).toEqual(['gatechart.lock']);
  });

  it('is readable', () => {
    expect(pinFileText(new Map([['s', new Map([['t', { hash: 'sha256:0', fields: { title: '1' } }]])]]))).toBe(
      `{
  "version": 1,
  "servers": {
    "s": {
      "tools": {
        "t": {
          "hash": "sha256:0",
          "fields": {
            "title": "1"
          }
        }
      }
    }
  }
}
`,
    );
  });

  it('approves nothing where it is not there', async () => {
    expect(await readPins(path.join(folder, 'none'))).toEqual(new Map());
  });

  const good = { hash: `sha256:${'0'.repeat(64)}`, fields: {} };
  it.each([
    ['{', 'expected `}`'],
    ['[]', 'expected an object, found an empty list'],
    ['{"servers": {}}', 'expected 1, found nothing'],
    ['{"version": 2, "servers": {}}', '1:13 version: expected 1, found the number 2'],
    ['{"version": 1}', 'servers: expected an object, found nothing'],
    ['{"version": 1, "servers": {}, "x": 1}', '1:31 x: unknown key; known are version, servers'],
    ['{"version": 1, "servers": {"s": {"tools": []}}}', 'servers.s.tools: expected an object, found an empty list'],
    [
      JSON.stringify({ version: 1, servers: { s: { tools: { t: { ...good, hash: 'sha256:1' } } } } }),
      'servers.s.tools.t.hash: expected "sha256:" and 64 digits, found the string "sha256:1"',
    ],
    [
      JSON.stringify({ version: 1, servers: { s: { tools: { t: { ...good, fields: { icon: '0' } } } } } }),
      'servers.s.tools.t.fields.icon: no such field of a tool is approved',
    ],
    ['{"version": 1, "servers": {"s": {"tools": {}}, "s": {"tools": {}}}}', 'gatechart.lock:1:'],
  ])('is refused where it does not say what it should: %s', async (content, said) => {
    writeFileSync(lock, content);
    const error = await rejection(readPins(lock));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(String(error)).toContain(said);
    expect(String(error)).toContain(lock);
  });

  it('is refused where it cannot be read', async () => {
    expect(await rejection(readPins(folder))).toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });

  it('is not written where it cannot be, and leaves nothing behind', async () => {
    const error = await rejection(writePins(path.join(folder, 'no', 'such'), new Map()));
    expect(error).toMatchObject({ code: 'CONFIG_UNREADABLE' });
    expect(readdirSync(folder)).toEqual(['gatechart.lock']);
  });
});

describe('a list that is held to what was approved', () => {
  const stage = (mode: 'off' | 'warn' | 'block', pins: ServerPins) => {
    const warnings: string[] = [];
    const made = new PinStage({
      known: { kind: 'pins', pins: new Map([['s', pins]]) },
      modeOf: () => mode,
      warn: (message) => void warnings.push(message),
    });
    return { made, warnings };
  };

  it('has under block what was approved and nothing else, and under warn and off everything', () => {
    fc.assert(
      fc.property(tools, tools, (before, now) => {
        const pins = approve(before);
        expect(stage('block', pins).made.offer('s', now)).toEqual(now.filter((of) => isApproved(pins, of)));
        expect(stage('warn', pins).made.offer('s', now)).toEqual(now);
        expect(stage('off', pins).made.offer('s', now)).toEqual(now);
        expect(stage('block', pins).made.offer('other', now)).toEqual([]);
      }),
    );
  });

  it('is warned of once for each change, whoever asks', () => {
    const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'b', title: 'B' }];
    const { made, warnings } = stage('warn', approve([a, { name: 'b', title: 'old' }]));
    for (const list of [[a, b], [a], [b], [{ ...b }, a]]) made.offer('s', list);
    expect(warnings).toEqual([
      'server "s": tool "b" is changed; offered, though not approved (see `gatechart pins diff`)',
    ]);
    made.offer('s', [a, c, { name: 'n' }]);
    expect(warnings).toHaveLength(3);
    expect(warnings[2]).toContain('tool "n" is new');
  });

  it('says nothing where pins are off, or everything was approved', () => {
    const approved = stage('block', approve([{ name: 'a' }]));
    approved.made.offer('s', [{ name: 'a' }]);
    const off = stage('off', new Map());
    off.made.offer('s', [{ name: 'a' }]);
    expect([...approved.warnings, ...off.warnings]).toEqual([]);
    expect([approved.made.isOn('s'), off.made.isOn('s')]).toEqual([true, false]);
  });

  it('does not let a second tool of an approved name through', () => {
    const [real, other] = [
      { name: 'a', description: 'x' },
      { name: 'a', description: 'y' },
    ];
    expect(stage('block', approve([real])).made.offer('s', [other, real])).toEqual([real]);
  });

  it('is empty under block where the lock file cannot be used, until it can be again', async () => {
    writeFileSync(lock, '{');
    const known = await pinKnowledge(lock);
    const warnings: string[] = [];
    for (const mode of ['block', 'warn'] as const) {
      const made = new PinStage({ known, modeOf: () => mode, warn: (message) => void warnings.push(message) });
      const list = [{ name: 'a' }];
      expect(made.offer('s', list)).toEqual(mode === 'block' ? [] : list);
      made.offer('s', list);
      await writePins(lock, new Map([['s', approve(list)]]));
      made.use(await pinKnowledge(lock));
      expect(made.offer('s', list)).toEqual(list);
    }
    expect(warnings).toEqual([
      expect.stringMatching(/^server "s": .*gatechart\.lock has 1 error[^]*; not offered/),
      expect.stringMatching(/; offered, though not approved/),
    ]);
  });
});
