import { describe, expect, it } from 'vitest';
import { readHookAnswer } from '../../src/external/hook-answer.js';
import { readToolAnswer } from '../../src/external/tool-answer.js';
import { PluginError } from '../../src/index.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { encodeHookAnswer } from '../../src/wire/protobuf/plugin-request.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { answeredOver } from '../fixtures/hosting/answered-host.js';
import { builtInHook } from '../fixtures/hosting/memory-host.js';

const pluginName = 'Guard';
const hookOf = (name: string) => {
  const hook = builtInHook(name);
  if (hook === undefined) throw new Error(`there is no hook ${name}`);
  return { hookName: name, pluginName, codec: hookCodec(hook), ignored: undefined };
};
const denials = [
  ['http_auth_check_permission', 'granted', false, { granted: false }],
  ['identity_resolve', 'rejected', true, { rejected: true }],
] as const;
const text = (value: unknown) => ({ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) });
const thrown = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return error;
  }
};

describe.each(denials)('a denial on %s is one', (name, field, value, denial) => {
  const hook = hookOf(name);
  const modified_payload = { [field]: value };
  const read = (...documents: unknown[]) => readHookAnswer(documents, hook).outcome;

  it.each([{ reason: 5, reject_reason: 5 }, { reason: null }, { extra: { a: 1 } }])('beside %j', (odd) => {
    expect(read({ result: { modified_payload: { ...modified_payload, ...odd } } })).toMatchObject({
      modifiedPayload: denial,
    });
  });

  it.each([{ metadata: 5 }, { http_headers: [] }, { retry_delay_ms: 'x' }, { continue_procesing: 0 }])(
    'in a result with %j',
    (odd) => {
      expect(read({ result: { modified_payload, ...odd } })).toMatchObject({
        continueProcessing: true,
        modifiedPayload: denial,
      });
    },
  );

  it('beside a context, another document or contents that cannot be read', () => {
    const result = { continue_processing: true, modified_payload };
    expect(read({ context: 5, result })).toMatchObject({ modifiedPayload: denial });
    expect(read(null, { result })).toMatchObject({ modifiedPayload: denial });
    for (const response of [
      { content: [text('<html>'), text({ result })] },
      { content: [text({ result })], isError: true },
    ]) {
      expect(readToolAnswer(response, hook.codec.result)).toEqual({ kind: 'documents', documents: [{ result }] });
    }
  });

  it('over protobuf', () => {
    const result = {
      continue_processing: true,
      modified_payload: { ...modified_payload, reason: 5, reject_reason: 5 },
    };
    const call = hookCall({ hookName: name, pluginName, payload: {}, context: {} }, 1000);
    const answer = call.read(encodeHookAnswer({ plugin_name: pluginName, result }));
    expect(answer.kind === 'hook' && read(answer.document)).toMatchObject({ modifiedPayload: denial });
  });

  it.each(['no', 7, 'nearly', []])('may be meant by %j', (said) => {
    for (const odd of [{ [field]: said }, said]) {
      const error = thrown(() => read({ result: { continue_processing: true, modified_payload: odd } }));
      expect(error instanceof PluginError && error.mayBeStop).toBe(true);
    }
  });

  it('is told from what says go on', () => {
    const grant = { [field]: !value, reason: 5, reject_reason: 5 };
    const error = thrown(() => read({ result: { continue_processing: true, modified_payload: grant } }));
    expect(error instanceof PluginError && error.mayBeStop).toBe(false);
  });
});

describe.each(['MCP', 'protobuf'] as const)('a denial that our server cannot send as it is over %s', (messages) => {
  const asked = {
    hook: 'http_auth_check_permission',
    payload: { user_email: 'ada@example.com', permission: 'tools.read', is_admin: false },
  };
  it.each([
    [{ modifiedPayload: { granted: false, reason: 5n } }, { granted: false }],
    [
      { modifiedPayload: { granted: false, reason: 'no' }, metadata: { big: 1n } },
      { granted: false, reason: 'no' },
    ],
    [
      { modifiedPayload: { granted: false, reason: 'no\ud800' } },
      { granted: false, reason: expect.stringMatching(/^no/) },
    ],
    [{ modifiedPayload: { granted: false, until: Number.NaN } }, { granted: false }],
  ])('is one all the same: %o', async (result, modifiedPayload) => {
    expect(await answeredOver(messages, result, asked)).toMatchObject({ continueProcessing: true, modifiedPayload });
  });

  it('is no way round for what is none', async () => {
    const result = { modifiedPayload: { granted: true, reason: 5n } };
    await expect(Promise.resolve(answeredOver(messages, result, asked))).resolves.toBeInstanceOf(PluginError);
  });
});
