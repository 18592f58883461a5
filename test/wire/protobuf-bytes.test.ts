import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, types } from '../../src/wire/protobuf/descriptor.js';
import { configCall, hookCall } from '../../src/wire/protobuf/plugin-call.js';
import {
  encodeConfig,
  encodeConfigs,
  encodeHookAnswer,
  readFrame,
  readRequest,
} from '../../src/wire/protobuf/plugin-request.js';
import { decodeStruct } from '../../src/wire/protobuf/struct-reader.js';

// Written by ContextForge's own messages in Python, so that they do not share a mistake in our table of fields. No two
// fields of one message hold the same.

const echoConfig = '0a0e0a046e616d6512061a044563686f'; // { name: 'Echo' }
const idleConfig = '0a0e0a046e616d6512061a0449646c65'; // { name: 'Idle' }

/** The fields of a GlobalContext around its user. */
const beforeUser = ['0a0172', '120173', '1a0174']; // request_id, server_id, tenant_id
const afterUser = [
  '32100a0e0a016d120911000000000000f03f', // metadata: { m: 1 }
  '3a100a0e0a01671209110000000000000040', // state: { g: 2 }
];
/** The fields of a PluginContext behind its global context. */
const kept = [
  '12100a0e0a016c1209110000000000000840', // state: { l: 3 }
  '1a100a0e0a016e1209110000000000001040', // metadata: { n: 4 }
];
const userText = '220175'; // user_string: 'u'
const userObject = '2a110a0f0a0269641209110000000000001440'; // user_struct: { id: 5 }
const contextOfText = ['0a30', ...beforeUser, userText, ...afterUser, ...kept].join('');
const contextOfObject = ['0a40', ...beforeUser, userObject, ...afterUser, ...kept].join('');

const call = [
  '0a0f746f6f6c5f7072655f696e766f6b65', // hook_type: 'tool_pre_invoke'
  '12044563686f', // plugin_name: 'Echo'
  '1a0d0a0b0a046e616d6512031a0178', // payload: { name: 'x' }
].join('');
const callOfText = `${call}2256${contextOfText}`;
const callOfObject = `${call}2266${contextOfObject}`;

const result = '0a044563686f121d0a1b0a0e72657472795f64656c61795f6d731209110000000000001840'; // { retry_delay_ms: 6 }
const resultAndContext = `${result}1a56${contextOfText}`;
const error = [
  '0a044563686f', // plugin_name: 'Echo'
  '222d', // 45 bytes in field 4
  '0a04626f6f6d', // message: 'boom'
  '12054775617264', // plugin_name: 'Guard'
  '1a0143', // code: 'C'
  '22100a0e0a01641209110000000000001c40', // details: { d: 7 }
  '28a581feffffffffffff01', // mcp_error_code: -32603
].join('');
/** A PluginResultBase with a PluginViolation in it. */
const resultBase =
  '2a430801122d0a01721201641a0143220547756172642a100a0e0a01641209110000000000001c4030a581feffffffffffff011a100a0e0a016d120911000000000000f03f';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const hex = (written: Uint8Array): string => Buffer.from(written).toString('hex');

/** The context as the JSON wire has it, and as a plugin gets it. */
const wireContext = (user: unknown) => ({
  global_context: {
    request_id: 'r',
    server_id: 's',
    tenant_id: 't',
    user,
    user_context: null,
    content_type: null,
    metadata: { m: 1 },
    state: { g: 2 },
  },
  state: { l: 3 },
  metadata: { n: 4 },
});
const seenContext = (user: unknown) => ({
  globalContext: { requestId: 'r', serverId: 's', tenantId: 't', user, metadata: { m: 1 }, state: { g: 2 } },
  state: { l: 3 },
  metadata: { n: 4 },
});

const hookOf = (user: unknown) =>
  hookCall(
    { hookName: 'tool_pre_invoke', pluginName: 'Echo', payload: { name: 'x' }, context: wireContext(user) },
    1000,
  );

describe.each([
  ['text', 'u', callOfText],
  ['an object', { id: 5 }, callOfObject],
])('a hook call whose user is %s', (_name, user, golden) => {
  it('is written as ContextForge writes it', () => {
    expect(hex(hookOf(user).bytes)).toBe(golden);
  });

  it('is read from what ContextForge writes', () => {
    const request = {
      kind: 'hook',
      hookName: 'tool_pre_invoke',
      pluginName: 'Echo',
      payload: { name: 'x' },
      context: { ok: true, value: seenContext(user) },
    };
    expect(readFrame(bytes(golden))).toEqual(request);
    expect(readRequest('InvokeHook', bytes(golden))).toEqual(request);
  });
});

describe('an answer to a hook call', () => {
  const { read } = hookOf('u');

  it('is written as ContextForge writes it', () => {
    const answer = { plugin_name: 'Echo', result: { retry_delay_ms: 6 }, context: wireContext('u') };
    expect(hex(encodeHookAnswer(answer))).toBe(resultAndContext);
  });

  it('is read from what ContextForge writes', () => {
    const document = {
      plugin_name: 'Echo',
      result: { retry_delay_ms: 6 },
      context: { state: { l: 3 }, metadata: { n: 4 }, global_context: { state: { g: 2 } } },
    };
    expect(read(bytes(resultAndContext))).toEqual({ kind: 'hook', document });
  });

  it('may be an error', () => {
    const failure = { message: 'boom', plugin_name: 'Guard', code: 'C', details: { d: 7 }, mcp_error_code: -32603 };
    expect(hex(encodeHookAnswer({ plugin_name: 'Echo', error: failure }))).toBe(error);
    expect(read(bytes(error))).toEqual({ kind: 'hook', document: { plugin_name: 'Echo', error: failure } });
  });

  it('is read without what says the result again', () => {
    expect(read(bytes(result + resultBase))).toEqual(read(bytes(result)));
  });
});

describe('a configuration', () => {
  const { bytes: asked, read } = configCall('Echo', 1000);

  it('is asked for', () => {
    expect(hex(asked)).toBe('0a044563686f');
    expect(readFrame(bytes('0a044563686f'))).toEqual({ kind: 'config', name: 'Echo' });
    expect(readRequest('GetPluginConfig', bytes('0a044563686f'))).toEqual({ kind: 'config', name: 'Echo' });
  });

  it('is answered', () => {
    expect(hex(encodeConfig({ name: 'Echo' }))).toBe(`08011210${echoConfig}`);
    expect(read(bytes(`08011210${echoConfig}`))).toEqual({ kind: 'config', config: { name: 'Echo' } });
  });

  it('that is not there is nothing', () => {
    expect(hex(encodeConfig(undefined))).toBe('');
    expect(read(bytes(''))).toEqual({ kind: 'config', config: undefined });
  });

  it('comes with all the others, when nobody is named', () => {
    const golden = `0a10${echoConfig}0a10${idleConfig}`;
    expect(readFrame(bytes(''))).toEqual({ kind: 'configs' });
    expect(hex(encodeConfigs([{ name: 'Echo' }, { name: 'Idle' }]))).toBe(golden);
    const { configs } = decodeMessage(types.getPluginConfigsResponse, bytes(golden));
    expect(configs).toEqual([bytes(echoConfig), bytes(idleConfig)]);
    expect(decodeStruct(bytes(idleConfig))).toEqual({ name: 'Idle' });
  });
});

describe('a health check', () => {
  it('names its service', () => {
    expect(hex(encodeMessage(types.healthCheckRequest, { service: 'x' }))).toBe('0a0178');
    expect(decodeMessage(types.healthCheckRequest, bytes('0a0178'))).toEqual({ service: 'x' });
  });

  it.each([
    [1, '0801'],
    [2, '0802'],
    [3, '0803'],
  ])('is answered with status %i', (status, golden) => {
    expect(hex(encodeMessage(types.healthCheckResponse, { status }))).toBe(golden);
    expect(decodeMessage(types.healthCheckResponse, bytes(golden))).toEqual({ status });
  });
});
