import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { pluginResultSchema } from '../../src/hooks/hook-result.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { decodeResult, encodeResult } from '../../src/wire/result-codec.js';
import { servedOver, serveGuard } from '../fixtures/hosting/served-plugins.js';
import { start } from '../fixtures/manager/managers.js';
import { answeredOver } from '../fixtures/hosting/answered-host.js';
import { builtInHook } from '../fixtures/hosting/memory-host.js';

const hook = builtInHook('tool_pre_invoke');
if (hook === undefined) throw new Error('there is no such hook');
const codec = hookCodec(hook).result;

// Written by cpex 0.1.4, with JSON's words: `PluginResult(...).model_dump(mode="json")["modified_extensions"]`.
const theirs: unknown = JSON.parse(
  '{"request": {"environment": null, "request_id": null, "timestamp": null, "trace_id": "t", "span_id": "s"}, "agent": null, "http": {"headers": {"X-A": "1"}}, "security": {"labels": ["pii"], "classification": null, "subject": null, "objects": {}, "data": {}}, "delegation": {"chain": [], "depth": 0, "origin_subject_id": null, "actor_subject_id": null, "delegated": false, "age_seconds": 0.0}, "mcp": null, "completion": null, "provenance": null, "llm": null, "framework": null, "meta": null, "custom": {"a": 1}}',
);
const extensions = {
  request: { traceId: 't', spanId: 's' },
  http: { headers: { 'X-A': '1' } },
  security: { labels: ['pii'], objects: {}, data: {} },
  delegation: { chain: [], depth: 0, delegated: false, ageSeconds: 0 },
  custom: { a: 1 },
};

describe('the extensions that a plugin answers', () => {
  it.each([true, false])('are read as cpex writes them, and written so that they are read again (%s)', (goesOn) => {
    const wire = { continue_processing: goesOn, modified_extensions: theirs };
    const read = decodeResult(wire, codec);
    if (!read.ok) expect.fail(JSON.stringify(read.issue));
    expect(read.value).toMatchObject({ continueProcessing: goesOn, modifiedExtensions: extensions });
    const again = decodeResult(JSON.parse(JSON.stringify(encodeResult(read.value, codec))), codec);
    expect(again).toMatchObject({ value: { continueProcessing: goesOn, modifiedExtensions: extensions } });
  });

  it('are refused where they are not understood, and leave a block a block', () => {
    const odd = { request: { trace_id: 5 } };
    expect(decodeResult({ continue_processing: true, modified_extensions: odd }, codec)).toMatchObject({
      ok: false,
      issue: { path: 'result.modified_extensions.request.trace_id', found: 'a number' },
    });
    expect(decodeResult({ continue_processing: false, modified_extensions: odd }, codec)).toMatchObject({
      ok: true,
      value: { continueProcessing: false, modifiedExtensions: undefined },
    });
    expect(pluginResultSchema.safeParse({ modifiedExtensions: { requests: {} } }).success).toBe(false);
    expect(pluginResultSchema.parse({ modifiedExtensions: extensions })).toMatchObject({
      modifiedExtensions: extensions,
    });
  });

  it.each(['MCP', 'protobuf'] as const)('reach the host over %s', async (messages) => {
    const answered = await answeredOver(messages, { modifiedExtensions: extensions });
    expect(answered).toMatchObject({ continueProcessing: true, modifiedExtensions: extensions });
  });
});

it.each(servedOver)('what a plugin behind %s writes is merged by the rules of the host', async (transport) => {
  const plugin = definePlugin({
    hooks: {
      tool_pre_invoke: () => ({ modifiedExtensions: { custom: { seen: true }, request: { traceId: 'forged' } } }),
    },
  });
  const manager = await start({ config: { plugins: [await serveGuard(plugin, transport)] } });
  const extensions = { custom: { kept: 1 }, request: { traceId: 't' } };
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' }, { extensions });
  expect(outcome.modifiedExtensions).toEqual({ custom: { kept: 1, seen: true }, request: { traceId: 't' } });
});
