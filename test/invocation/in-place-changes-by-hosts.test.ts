import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../src/plugins/strictness.js';
import { folderWith } from '../fixtures/manager/managers.js';

const secret = 's3cret';

/** What others wrote in CommonJS, without 'use strict'. */
const cjs = `
function mask(args) { if (args.token === '${secret}') args.token = '***'; }
const hasSecret = (payload) => JSON.stringify(payload).includes('${secret}');
class Base { static hooks = {}; static config; initialize() {} shutdown() {} }
exports.mask = mask;
exports.byText = { create: () => ({ handler: () => (payload) => {
  if (!hasSecret(payload)) return;
  payload.args.token = '***';
  return { modifiedPayload: payload };
} }) };
exports.Class = class extends Base {
  toolPreInvoke(payload) { mask(payload.args); return { modifiedPayload: payload }; }
};
exports.ByContext = class extends Base {
  async toolPreInvoke(payload, { globalContext }) {
    if (!globalContext.requestId.startsWith('secret')) return;
    mask(payload.args);
    return { modifiedPayload: payload };
  }
};`;

/** A host that is an ES module, and has its plugins in code. */
const host = `
import { createManager, definePlugin } from 'gatechart';
import { byText, ByContext, Class, mask } from './plugins.cjs';
const tool_pre_invoke = (run) => definePlugin({ hooks: { tool_pre_invoke: run } });
const kinds = {
  byText, Class, ByContext,
  silent: tool_pre_invoke((payload) => mask(payload.args)),
  answering: tool_pre_invoke((payload) => { mask(payload.args); return { modifiedPayload: payload }; }),
  copying: tool_pre_invoke((payload) => { mask(payload.args); return { modifiedPayload: { ...payload } }; }),
  late: tool_pre_invoke((payload) => {
    if (!JSON.stringify(payload).includes('${secret}')) return;
    mask(payload.args);
    return { modifiedPayload: payload };
  }),
  strict: tool_pre_invoke((payload) => { if (payload.args.token === '${secret}') payload.args.token = '***'; }),
};
const [kind, quiet] = process.argv.slice(2);
const warned = [];
const quietly = () => {};
const logger = { debug: quietly, info: quietly, error: quietly, warn: (_fields, message) => warned.push(message) };
const manager = await createManager({
  kinds, logger, env: {},
  config: { plugins: [{ name: 'Mask', kind, hooks: ['tool_pre_invoke'] }] },
});
const said = [];
for (let call = 0; call < Number(quiet) + 2; call++) {
  const isSecret = call >= Number(quiet);
  const payload = { name: 't', args: { token: isSecret ? '${secret}' : 'nothing' } };
  const outcome = await manager
    .invokeHook('tool_pre_invoke', payload, { requestId: isSecret ? 'secret' : 'quiet' })
    .then(({ modifiedPayload }) => modifiedPayload?.args.token ?? 'as it was', ({ code }) => code);
  if (isSecret) said.push(outcome);
}
console.log(JSON.stringify({ said, warned }));
await manager.close();`;

async function saidBy(kind: string, quiet: number): Promise<{ said: string[]; warned: string[] }> {
  const folder = folderWith({ 'host.mjs': host, 'plugins.cjs': cjs });
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'host.mjs'), kind, `${quiet}`]);
  return JSON.parse(stdout) as { said: string[]; warned: string[] };
}

describe('what code in sloppy mode changes in place is not lost', () => {
  it.each([
    ['a CommonJS masker that tests its payload as text', 'byText', 0],
    ['the same, with nothing to mask for a long time', 'byText', 8],
    ['a CommonJS class, which is strict, with a helper, which is not', 'Class', 0],
    ['the same, with nothing to mask for a long time', 'Class', 8],
    ['a CommonJS class that seldom looks at its payload', 'ByContext', 8],
    ['one that hardly ever does', 'ByContext', 120],
    ['an ES module that hands arguments to a library, and answers nothing', 'silent', 0],
    ['an ES module that hands arguments to a library', 'answering', 0],
    ['an ES module that hands arguments to a library, and answers a copy', 'copying', 0],
  ])('%s', async (_, kind, quiet) => {
    expect(await saidBy(kind, quiet)).toEqual({ said: ['***', '***'], warned: [] });
  });

  it('where it cannot be told, it is logged, and the next change counts', async () => {
    const { said, warned } = await saidBy('late', 8);
    expect(said).toEqual([secret, '***']);
    expect(warned).toEqual([expect.stringContaining('plugin Mask answered its payload as it was')]);
  });

  it('what strict code changes in place counts or fails, too', async () => {
    for (const quiet of [0, 8]) {
      const { said } = await saidBy('strict', quiet);
      for (const outcome of said) expect(outcome).toMatch(/^(\*\*\*|PLUGIN_FAILED)$/);
    }
  });

  it('of a module that is configured twice', async () => {
    const folder = folderWith({
      'mask.cjs': 'exports.mask = (args) => { if (args.token === "s3cret") args.token = "***"; };',
      'mask.mjs': `
        import { definePlugin } from 'gatechart';
        import { mask } from './mask.cjs';
        export const Mask = definePlugin({ hooks: { tool_pre_invoke: (payload) => mask(payload.args) } });`,
      'host.mjs': `
        import { createManager, silentLogger } from 'gatechart';
        for (let start = 0; start < 2; start++) {
          const manager = await createManager({ config: process.argv[2], logger: silentLogger, env: {} });
          for (let call = 0; call < 10; call++) {
            const args = { token: call < 8 ? 'nothing' : 's3cret' };
            const outcome = await manager.invokeHook('tool_pre_invoke', { name: 't', args }, { requestId: '1' });
            if (call >= 8) console.log(outcome.modifiedPayload?.args.token);
          }
          await manager.close();
        }`,
      'plugins.yaml': 'plugins:\n- {name: Mask, kind: "./mask.mjs#Mask", hooks: [tool_pre_invoke]}\n',
    });
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(folder, 'host.mjs'),
      join(folder, 'plugins.yaml'),
    ]);
    expect(stdout).toBe('***\n***\n***\n***\n');
  });
});

/* oxlint-disable typescript/no-implied-eval, typescript/unbound-method, typescript/no-useless-default-assignment, prefer-rest-params, no-eval, no-unused-vars -- what is told apart here */
describe('a handler that does not look at its payload needs no watch', () => {
  it.each([
    () => ({}),
    async () => ({}),
    async function named() {},
    { tool_pre_invoke() {} }.tool_pre_invoke,
    { async tool_pre_invoke() {} }.tool_pre_invoke,
    (_payload: unknown, context: { state: unknown }) => void context.state,
    async (_payload: unknown) => ({}),
  ])('%s', (handler) => {
    expect(codeOf(handler)).toBe('strict');
  });

  it.each([
    (payload: unknown) => void payload,
    ({ name }: { name: string }) => void name,
    (...payloads: unknown[]) => void payloads,
    (payload = {}) => ({}),
    function read() {
      return arguments[0] as unknown;
    },
    { tool_pre_invoke: (payload: unknown) => void payload }.tool_pre_invoke.bind(undefined),
    { tool_pre_invoke() {} }.tool_pre_invoke.bind(undefined),
    new Proxy(() => {}, {}),
    (_payload: unknown) => eval('_payload') as unknown,
  ])('others do: %s', (handler) => {
    expect(codeOf(handler)).toBe('unknown');
  });

  it('sloppy code does', () => {
    expect(codeOf(new Function('return {}'))).toBe('sloppy');
  });
});
