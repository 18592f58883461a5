import type { Call, Json } from './host.js';

/** One request of a host: calls of the plugin one after the other, in one context. */
export interface Case {
  readonly name: string;
  readonly calls: readonly Call[];
  /** What the request starts with. */
  readonly context?: Json;
}

const pre = (name: string, args?: Json, more: Json = {}): Call => ({
  hook: 'tool_pre_invoke',
  payload: { name, ...(args && { args }), ...more },
});
const post = (name: string, result: unknown): Call => ({ hook: 'tool_post_invoke', payload: { name, result } });

/** A list in an object in a list, this many levels down. */
function nested(levels: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { down: value } : [value];
  return value;
}

const odd: Json = {
  text: 'naïve Ωmega 漢字 \u{1f600}\u{1f469}\u200d\u{1f680} \u202eright to left',
  control: 'null \u0000 bell \u0007 newline \n tab \t delete \u007f next line \u0085 separators \u2028\u2029',
  quotes: '"\\/\' <b>&amp;</b> {{ env.HOME }} %s ${x}',
  '': 'empty key',
  'ключ 🔑 \u0000': 'odd key',
  __proto: 1,
  constructor: 'a name of every object',
  nothing: null,
  yes: true,
  no: false,
  emptyList: [],
  emptyObject: {},
  lists: [[], [[]], [[1, 'two', null, [false]]]],
};

const numbers: Json = {
  zero: 0,
  one: 1,
  negative: -17,
  half: 0.5,
  third: 1 / 3,
  tiny: 5e-324,
  small: -1.25e-7,
  largestSafe: Number.MAX_SAFE_INTEGER,
  smallestSafe: Number.MIN_SAFE_INTEGER,
  list: [1, 2.5, -3],
};

const fullContext: Json = {
  state: { before: [1, 'two'] },
  metadata: { m: null },
  global_context: {
    request_id: 'request-7',
    user: 'ada@example.com',
    tenant_id: 'tenant',
    server_id: 'server',
    state: { shared: { deep: true } },
    metadata: { origin: 'test' },
  },
};

function withGlobal(more: Json): Json {
  return { ...fullContext, global_context: { ...Object(fullContext['global_context']), ...more } };
}

/** Every case runs over every transport, between all four pairs of host and server. */
export const cases: readonly Case[] = [
  { name: 'a call is allowed', calls: [pre('allow', { a: 1 })] },
  { name: 'a call without arguments is allowed', calls: [pre('allow')] },
  { name: 'metadata is added', calls: [pre('annotate', {})] },
  { name: 'a payload is replaced', calls: [pre('modify', { a: [1, { b: 2 }] })] },
  { name: 'arguments are changed', calls: [pre('modify-args', { a: 1 }, { headers: { accept: '*/*' } })] },
  { name: 'headers and a delay are answered', calls: [pre('headers')] },
  { name: 'a call is blocked', calls: [pre('block-plain', { a: 1 })] },
  {
    name: 'a call is blocked with details and codes',
    calls: [pre('block-detailed', { word: 'böse', at: [3, { line: 4.5 }], none: null })],
  },
  { name: 'a call is blocked that was modified too', calls: [pre('block-and-modify', { a: 1 })] },
  { name: 'a call is blocked with numbers about the denial', calls: [pre('block-with-numbers')] },
  { name: 'a call is stopped without a violation', calls: [pre('stop-without-violation')] },
  { name: 'a violation is reported without a stop', calls: [pre('report-without-stop')] },
  { name: 'the plugin raises', calls: [pre('raise-plain'), pre('allow')] },
  { name: 'the plugin raises an error with code and details', calls: [pre('raise-typed', { why: ['x', 1] })] },
  { name: 'the plugin throws a violation', calls: [pre('throw-violation', { why: 'x' }), pre('allow')] },
  { name: 'the plugin throws a violation that says nothing', calls: [pre('throw-nothing'), pre('allow')] },
  { name: 'the plugin raises after it has written', calls: [pre('remember-and-raise', { a: 1 }), pre('witness', {})] },
  { name: 'null is answered for what may be absent', calls: [pre('answer-nulls', {}), pre('block-with-nulls', {})] },
  { name: 'a delay below zero is answered', calls: [pre('delay-below-zero')] },
  {
    name: 'null is given for what may be absent',
    calls: [
      pre('allow', { a: 1 }, { headers: null }),
      { hook: 'tool_pre_invoke', payload: { name: 'mirror', args: null, headers: null } },
      { hook: 'resource_pre_fetch', payload: { uri: 'file:///a', metadata: null } },
      { hook: 'http_auth_check_permission', payload: { user_email: 'a', permission: 'tools.read', team_id: null } },
    ],
  },
  { name: 'odd text and keys come back', calls: [pre('mirror', odd), post('mirror', odd)] },
  { name: 'numbers come back', calls: [pre('mirror', numbers), post('mirror', numbers)] },
  { name: 'a large number comes back', calls: [pre('mirror', { large: 1e300, negative: -1e21 })] },
  { name: 'an integer beyond 2^53 comes back', calls: [pre('mirror', { beyond: 2 ** 53 + 2 })] },
  { name: 'nested values come back', calls: [pre('mirror', { nested: nested(20) }), post('mirror', nested(20))] },
  { name: 'deeply nested values come back', calls: [pre('mirror', { nested: nested(60) })] },
  { name: 'a long text comes back', calls: [pre('mirror', { long: 'ä€😀'.repeat(15_000) })] },
  {
    name: 'a text of half a megabyte comes back',
    calls: [pre('mirror', { long: 'ä€😀'.repeat(60_000) }), pre('allow')],
  },
  {
    name: 'many values come back',
    calls: [
      post('mirror', { rows: Array.from({ length: 2_000 }, (_, id) => ({ id, name: `row ${id}`, on: id % 2 === 0 })) }),
    ],
  },
  ...['text', 0, 12.5, true, false, null, [], ['a', 1], {}].map((result) => ({
    name: `the result ${JSON.stringify(result)} is wrapped`,
    calls: [post('wrap', result)],
  })),
  {
    name: 'the plugin sees payload and context',
    calls: [pre('witness', odd, { headers: { a: 'b' } })],
    context: fullContext,
  },
  { name: 'the plugin sees an empty context', calls: [pre('witness', {})] },
  {
    name: 'the plugin sees a user that is an object',
    calls: [pre('witness', {})],
    context: withGlobal({ user: { email: 'ada@example.com', teams: ['a'] } }),
  },
  {
    name: 'the plugin sees user context and content type',
    calls: [pre('witness', {})],
    context: withGlobal({
      content_type: 'application/json',
      user_context: { user_id: 'ada', email: 'ada@example.com', is_admin: true, groups: ['g'], attributes: { a: [1] } },
    }),
  },
  { name: 'the plugin remembers across pre and post', calls: [pre('remember', { a: [1] }), post('recall', 'done')] },
  {
    name: 'the plugin remembers over many calls',
    calls: [pre('remember', odd), pre('remember', { b: 1 }), pre('forget-one'), post('recall', 1), pre('remember')],
    context: fullContext,
  },
  { name: 'the plugin forgets everything', calls: [pre('remember'), pre('forget'), post('recall', 1)] },
  { name: 'a result is blocked', calls: [post('block-plain', 'secret')] },
  {
    name: 'prompts come back',
    calls: [
      { hook: 'prompt_pre_fetch', payload: { prompt_id: 'p', args: { who: 'Ada', '': 'ß' } } },
      { hook: 'prompt_pre_fetch', payload: { prompt_id: 'p' } },
      {
        hook: 'prompt_post_fetch',
        payload: {
          prompt_id: 'p',
          result: { description: 'd', messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }] },
        },
      },
    ],
  },
  {
    name: 'a null inside a prompt comes back',
    calls: [{ hook: 'prompt_post_fetch', payload: { prompt_id: 'p', result: { description: null, messages: [] } } }],
  },
  {
    name: 'resources come back',
    calls: [
      { hook: 'resource_pre_fetch', payload: { uri: 'file:///a b', metadata: { depth: { a: [1] } } } },
      { hook: 'resource_pre_fetch', payload: { uri: 'file:///a' } },
      { hook: 'resource_post_fetch', payload: { uri: 'file:///a', content: { type: 'resource', text: 'ä' } } },
    ],
  },
  {
    name: 'agents come back',
    calls: [
      {
        hook: 'agent_pre_invoke',
        payload: {
          agent_id: 'a',
          messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
          tools: ['x'],
          headers: { h: '1' },
          model: 'm',
          system_prompt: 's',
          parameters: { temperature: 0.5 },
        },
      },
      { hook: 'agent_pre_invoke', payload: { agent_id: 'a', messages: [] } },
      {
        hook: 'agent_post_invoke',
        payload: { agent_id: 'a', messages: [], tool_calls: [{ name: 't', arguments: { a: 1 } }] },
      },
    ],
  },
  {
    name: 'the HTTP hooks answer with results of their own',
    calls: [
      { hook: 'http_pre_request', payload: { path: '/x', method: 'GET', client_port: 80, headers: { accept: '*/*' } } },
      {
        hook: 'http_auth_check_permission',
        payload: { user_email: 'ada@example.com', permission: 'tools.read', is_admin: true, team_id: 't' },
      },
      { hook: 'http_auth_check_permission', payload: { user_email: 'ada@example.com', permission: 'tools.delete' } },
      {
        hook: 'http_auth_resolve_user',
        payload: { credentials: { scheme: 'Bearer', credentials: 'x' }, headers: {}, client_host: '127.0.0.1' },
      },
    ],
  },
  {
    name: 'a hook that the plugin does not have',
    calls: [{ hook: 'http_post_request', payload: { path: '/x', method: 'GET', headers: {} } }],
  },
];
