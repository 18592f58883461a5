import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import { createChainHarness } from '../../src/testing/index.js';
import { DecodedResult } from '../../src/wire/decoded-result.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { decodeResult } from '../../src/wire/result-codec.js';
import { outcomeOf } from '../fixtures/manager/outcomes.js';

const codec = hookCodec(new HookRegistry().require('tool_pre_invoke')).result;

async function answering(answer: unknown) {
  const plugin = definePlugin({ hooks: { tool_pre_invoke: (() => answer) as never } });
  await using harness = await createChainHarness({ plugins: [{ name: 'Guard', plugin, hooks: ['tool_pre_invoke'] }] });
  return await outcomeOf(harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' }));
}

describe('a result that came over the wire', () => {
  it.each([
    ['a modification', { modified_payload: { name: 'u' } }],
    ['a stop', { continue_processing: false, violation: { reason: 'r', description: 'd', code: 'C' } }],
  ])('is known as checked, and cannot be changed: %s', (_name, wire) => {
    const decoded = decodeResult(wire, codec);
    if (!decoded.ok) expect.fail('it cannot be read');
    expect(DecodedResult.is(decoded.value)).toBe(true);
    expect(() => Object.assign(decoded.value, { continueProcessing: true })).toThrow(TypeError);
  });

  it('is taken by a chain as it is', async () => {
    const decoded = decodeResult({ modified_payload: { name: 'u' }, metadata: { a: 1 } }, codec);
    if (!decoded.ok) expect.fail('it cannot be read');
    expect(await answering(decoded.value)).toMatchObject({ modifiedPayload: { name: 'u' }, metadata: { a: 1 } });
  });

  it.each([
    ['what has its prototype', Object.create(DecodedResult.prototype)],
    ['what is written like it', Object.assign({ '#isDecoded': true }, new DecodedResult({ continueProcessing: true }))],
    ['a proxy of one', new Proxy(new DecodedResult({ continueProcessing: true }), {})],
  ])('is not what a plugin makes up: %s', async (_name, made) => {
    expect(DecodedResult.is(made)).toBe(false);
    expect(await answering(made)).toMatchObject({ code: 'PLUGIN_RESULT_INVALID' });
  });
});
