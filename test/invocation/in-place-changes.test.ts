/* oxlint-disable typescript/no-implied-eval -- code that is sloppy can only be made here from text */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Script, runInThisContext } from 'node:vm';
import { describe, expect, it, test } from 'vitest';
import { definePlugin, Plugin, type PluginKind } from '../../src/index.js';
import { callTool, folderWith, start } from '../fixtures/manager/managers.js';
import { outcomeOf } from '../fixtures/manager/outcomes.js';

/** The changes that are lost on a frozen payload, each of which removes the secret. */
const changes: Readonly<Record<string, string>> = {
  'an assignment': 'payload.args.token = "***";',
  'an assignment at depth': 'payload.args.deep.list[0].token = "***"; payload.args.token = "***";',
  'an element': 'payload.args.list[0] = "***"; payload.args.token = "***";',
  'a length': 'payload.args.list.length = 0; payload.args.token = "***";',
  'a push': 'payload.args.list.push("***"); payload.args.token = "***";',
  'a sort': 'payload.args.list.push("a"); payload.args.list.sort(); payload.args.token = "***";',
  'a deletion': 'delete payload.args.token;',
  'a field of the payload': 'payload.args = { token: "***" };',
  'a field that is deleted': 'delete payload.args;',
  'Reflect.set': 'Reflect.set(payload.args, "token", "***");',
  'Reflect.deleteProperty': 'Reflect.deleteProperty(payload.args, "token");',
  'Reflect.defineProperty': 'Reflect.defineProperty(payload.args, "token", { value: "***" });',
  'Object.assign': 'Object.assign(payload.args, { token: "***" });',
};

const answers: Readonly<Record<string, string>> = {
  'the payload': 'return { modifiedPayload: payload };',
  'a copy of it': 'return { modifiedPayload: { ...payload } };',
  nothing: '',
  'metadata alone': 'return { metadata: { masked: true } };',
  'a promise': 'return Promise.resolve({ modifiedPayload: payload });',
};

const secret = 's3cret';
const args = () => ({ token: secret, list: [secret], deep: { list: [{ token: secret }] } });

/** Passed on with the secret as the token is what must not happen: it counts, or the plugin fails. */
async function expectMasked(kind: PluginKind, hook = 'tool_pre_invoke'): Promise<void> {
  const manager = await start({
    kinds: { Mask: kind },
    config: { plugins: [{ name: 'Mask', kind: 'Mask', hooks: [hook] }] },
  });
  for (let call = 0; call < 7; call++) {
    const outcome = await outcomeOf(callTool(manager, 't', args()));
    if ('code' in outcome) {
      expect(outcome.code).toMatch(/^PLUGIN_(FAILED|RESULT_INVALID)$/);
      continue;
    }
    expect(outcome).toHaveProperty('modifiedPayload');
    expect(outcome).not.toHaveProperty('modifiedPayload.args.token', secret);
  }
}

const sloppy: Readonly<Record<string, (body: string) => (payload: never) => never>> = {
  'a function made from text': (body) => new Function('payload', body) as never,
  'an async function made from text': (body) =>
    new (Object.getPrototypeOf(async () => undefined).constructor as FunctionConstructor)('payload', body) as never,
  'an arrow made from text': (body) => new Function(`return (payload) => { ${body} }`)() as never,
  'a method made from text': (body) => (new Function(`return { run(payload) { ${body} } }`)() as { run: never }).run,
  'an arrow of a script': (body) => runInThisContext(`(payload) => { ${body} }`) as never,
  'an async arrow of a script': (body) =>
    new Script(`(async (payload) => { await null; ${body} })`).runInThisContext() as never,
};

describe.each(Object.keys(sloppy))('what %s changes in place counts, or fails its plugin', (code) => {
  const made = (body: string) => sloppy[code]?.(body) as never;
  it.each(Object.entries(changes))('%s', async (_, change) => {
    for (const answer of Object.values(answers)) {
      await expectMasked(definePlugin({ hooks: { tool_pre_invoke: made(`${change} ${answer}`) } }));
    }
  });
});

test('a change in place counts as the modification', async () => {
  const Mask = definePlugin({
    hooks: { tool_pre_invoke: new Function('payload', 'payload.args.token = "***";') as never },
  });
  const manager = await start({
    kinds: { Mask },
    config: { plugins: [{ name: 'Mask', kind: 'Mask', hooks: ['tool_pre_invoke'] }] },
  });
  const given = args();
  expect(await callTool(manager, 't', given)).toMatchObject({ modifiedPayload: { args: { ...given, token: '***' } } });
  expect(given).toEqual(args());
});

test('a change that the answer leaves out fails the plugin, and a stop stays one', async () => {
  const leaves = 'const before = structuredClone(payload); payload.args.token = "***";';
  for (const [answer, expected] of [
    ['{ modifiedPayload: before }', { code: 'PLUGIN_RESULT_INVALID' }],
    ['{ continueProcessing: false, modifiedPayload: before }', { blocks: true }],
  ] as const) {
    const Mask = definePlugin({
      hooks: { tool_pre_invoke: new Function('payload', `${leaves} return ${answer}`) as never },
    });
    const manager = await start({
      kinds: { Mask },
      config: { plugins: [{ name: 'Mask', kind: 'Mask', hooks: ['tool_pre_invoke'] }] },
    });
    expect(await outcomeOf(callTool(manager, 't', args()))).toMatchObject(expected);
  }
});

test('on a hook with a result of its own, a change in place fails the plugin', async () => {
  const Mask = definePlugin({
    hooks: { http_pre_request: new Function('payload', 'payload.headers.authorization = "***";') as never },
  });
  const manager = await start({
    kinds: { Mask },
    config: { plugins: [{ name: 'Mask', kind: 'Mask', hooks: ['http_pre_request'] }] },
  });
  const request = { path: '/', method: 'GET', headers: { authorization: secret } };
  expect(await outcomeOf(manager.invokeHook('http_pre_request', request, { requestId: '1' }))).toMatchObject({
    code: 'PLUGIN_RESULT_INVALID',
  });
});

test('what a mode may not change is not changed, and the log says so', async () => {
  const Mask = definePlugin({
    hooks: { tool_pre_invoke: new Function('payload', 'payload.args.token = "***";') as never },
  });
  const manager = await start({
    kinds: { Mask },
    config: { plugins: [{ name: 'Mask', kind: 'Mask', hooks: ['tool_pre_invoke'], mode: 'audit' }] },
  });
  expect(await callTool(manager, 't', args())).toMatchObject({ modifiedPayload: undefined });
});

describe('strict code', () => {
  it('gets an exception, at every call', async () => {
    const seen: unknown[] = [];
    const attempt = (write: () => void): void => {
      try {
        write();
        seen.push('wrote');
      } catch (error) {
        seen.push(error instanceof TypeError);
      }
    };
    class Strict extends Plugin {
      toolPreInvoke(payload: { name: string; args?: Record<string, unknown> }): void {
        attempt(() => (payload.name = 'x'));
        attempt(() => (payload.args = {}));
        attempt(() => delete payload.args?.['token']);
        attempt(() => Object.assign(payload, { more: 1 }));
        attempt(() => Object.assign(payload.args?.['list'] ?? [], { 0: 'x' }));
      }
    }
    const manager = await start({
      kinds: { Strict },
      config: { plugins: [{ name: 'Strict', kind: 'Strict', hooks: ['tool_pre_invoke'] }] },
    });
    for (let call = 0; call < 7; call++) await callTool(manager, 't', args());
    expect(seen).toEqual(Array.from({ length: 35 }, () => true));
  });

  it('can copy its payload in all the ways there are, at every call', async () => {
    const ways = definePlugin({
      hooks: {
        tool_pre_invoke: (payload) => ({
          metadata: {
            same: [
              structuredClone(payload),
              JSON.parse(JSON.stringify(payload)) as unknown,
              { ...payload },
              Object.assign({}, payload),
              Object.fromEntries(Object.entries(payload)),
            ],
          },
          modifiedPayload: payload,
        }),
      },
    });
    const manager = await start({
      kinds: { ways },
      config: { plugins: [{ name: 'Ways', kind: 'ways', hooks: ['tool_pre_invoke'] }] },
    });
    const expected = { name: 't', args: args() };
    for (let call = 0; call < 7; call++) {
      const { metadata, modifiedPayload } = await callTool(manager, 't', args());
      expect(metadata['same']).toEqual(Array.from({ length: 5 }, () => expected));
      expect(modifiedPayload).toEqual(expected);
    }
  });
});

const sources: Readonly<Record<string, { files: Record<string, string>; kind: string }>> = {
  'a .cjs module': {
    kind: './mask.cjs#Mask',
    files: { 'mask.cjs': 'exports.Mask = { create: () => ({ handler: () => (payload) => { BODY } }) };' },
  },
  'a .cjs module with a helper': {
    kind: './mask.cjs#Mask',
    files: {
      'mask.cjs':
        'function mask(payload) { BODY } exports.Mask = { create: () => ({ handler: () => (payload) => mask(payload) }) };',
    },
  },
  'a .cjs class': {
    kind: './mask.cjs#Mask',
    files: {
      'mask.cjs':
        'function mask(payload) { BODY } class Mask { static hooks = {}; static config; initialize() {} shutdown() {} toolPreInvoke(payload) { return mask(payload); } } exports.Mask = Mask;',
    },
  },
  'a .js module of a package without a type': {
    kind: './mask.js#Mask',
    files: {
      'package.json': '{}',
      'mask.js': 'exports.Mask = { create: () => ({ handler: () => async (payload) => { BODY } }) };',
    },
  },
  'an ES module that re-exports CommonJS': {
    kind: './mask.mjs#Mask',
    files: {
      'mask.cjs': 'exports.Mask = { create: () => ({ handler: () => (payload) => { BODY } }) };',
      'mask.mjs': 'export { Mask } from "./mask.cjs";',
    },
  },
  'an ES module with a helper in CommonJS': {
    kind: './mask.mjs#Mask',
    files: {
      'mask.cjs': 'exports.mask = function mask(payload) { BODY };',
      'mask.mjs':
        'import { definePlugin } from "gatechart"; import { mask } from "./mask.cjs"; export const Mask = definePlugin({ hooks: { tool_pre_invoke: (payload) => mask(payload) } });',
    },
  },
  'an ES module': {
    kind: './mask.mjs#Mask',
    files: {
      'mask.mjs':
        'import { definePlugin } from "gatechart"; export const Mask = definePlugin({ hooks: { tool_pre_invoke(payload) { BODY } } });',
    },
  },
};

/** Starts each configuration in a process of its own, where nothing but Node loads modules, and calls its plugin twice. */
const host = `
import { createManager, silentLogger } from 'gatechart';
for (const config of process.argv.slice(2)) {
  const manager = await createManager({ config, logger: silentLogger, env: {} });
  for (let call = 0; call < 2; call++) {
    const args = { token: 's3cret', list: ['s3cret'], deep: { list: [{ token: 's3cret' }] } };
    const said = await manager
      .invokeHook('tool_pre_invoke', { name: 't', args }, { requestId: '1' })
      .then(({ modifiedPayload }) => modifiedPayload?.args?.token ?? 'gone', ({ code }) => code);
    console.log(said);
  }
  await manager.close();
}`;

describe.each(Object.keys(sources))('%s', (name) => {
  it('never loses a change', async () => {
    const { files = {}, kind = '' } = sources[name] ?? {};
    const written: Record<string, string> = { 'host.mjs': host };
    const configs = Object.entries(changes)
      // By its result Reflect says that it did nothing, in strict code as well.
      .filter(([which]) => name !== 'an ES module' || !which.startsWith('Reflect'))
      .map(([, change], index) => {
        for (const [path, text] of Object.entries(files)) {
          written[`${index}/${path}`] = text.replace('BODY', `${change} ${answers['the payload']}`);
        }
        written[`${index}/plugins.yaml`] = `plugins:\n- {name: Mask, kind: "${kind}", hooks: [tool_pre_invoke]}\n`;
        return `${index}/plugins.yaml`;
      });
    const folder = folderWith(written);
    const paths = configs.map((config) => join(folder, config));
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'host.mjs'), ...paths]);
    const said = stdout.trim().split('\n');
    expect(said).toHaveLength(2 * configs.length);
    for (const outcome of said) expect(outcome).toMatch(/^(\*\*\*|gone|PLUGIN_FAILED|PLUGIN_RESULT_INVALID)$/);
  });
});

test('a host in CommonJS, whose class has a helper beside it', async () => {
  const folder = folderWith({
    'host.cjs': `
      function mask(payload) { payload.args.token = '***'; return { modifiedPayload: payload }; }
      async function main() {
        const { createManager, definePlugin, Plugin, silentLogger } = await import('gatechart');
        class Mask extends Plugin { toolPreInvoke(payload) { return mask(payload); } }
        const Arrow = definePlugin({ hooks: { tool_pre_invoke: (payload) => mask(payload) } });
        for (const kind of ['Mask', 'Arrow']) {
          const manager = await createManager({
            kinds: { Mask, Arrow }, logger: silentLogger, env: {},
            config: { plugins: [{ name: 'Mask', kind, hooks: ['tool_pre_invoke'] }] },
          });
          const payload = { name: 't', args: { token: 's3cret' } };
          const { modifiedPayload } = await manager.invokeHook('tool_pre_invoke', payload, { requestId: '1' });
          console.log(JSON.stringify(modifiedPayload.args));
          await manager.close();
        }
      }
      main();`,
  });
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'host.cjs')]);
  expect(stdout).toBe('{"token":"***"}\n{"token":"***"}\n');
});
