import * as fc from 'fast-check';
import type { Json } from '../host.js';
import type { Chain, HookName } from './chain.js';

export const text = fc.constantFrom('', 'text', 'naïve Ωmega 漢字 😀', 'null \u0000 line\nbreak');
export const key = fc.constantFrom('a', 'b', 'ключ', '', '__proto__', 'constructor');
export const header = fc.constantFrom('accept', 'Accept', 'x-a', 'X-A', 'x-b');

const leaf = fc.oneof(text, fc.constantFrom(null, true, false, 3, -17, 2.5, 1e300));

/** Any JSON, small. */
export const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: leaf },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(key, leaf, { maxKeys: 3 }) },
  { weight: 1, arbitrary: fc.constant({ a: [{ b: { c: [null, 7] } }] }) },
);

/** Or null, which is as good as absent. */
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 4, arbitrary }, { weight: 1, arbitrary: fc.constant(null) });

const map = fc.dictionary(key, value, { maxKeys: 3 });
const headers = fc.dictionary(header, text, { maxKeys: 3 });
const name = fc.constantFrom('one', 'two', 'näme', '');
const message = fc.constantFrom<unknown>(
  { role: 'user', content: { type: 'text', text: 'hello' } },
  { role: 'assistant', content: null },
);

/** Fields of a hook's payload: those that must be there, and those that may. */
const fields: Readonly<
  Record<HookName, { must: Record<string, fc.Arbitrary<unknown>>; may: Record<string, fc.Arbitrary<unknown>> }>
> = {
  tool_pre_invoke: { must: { name }, may: { args: orNull(map), headers: orNull(headers) } },
  tool_post_invoke: { must: { name, result: value }, may: {} },
  tool_list_post: { must: { server: name, tools: fc.array(map, { maxLength: 2 }) }, may: {} },
  prompt_pre_fetch: { must: { prompt_id: name }, may: { args: orNull(fc.dictionary(key, text, { maxKeys: 3 })) } },
  prompt_post_fetch: {
    must: {
      prompt_id: name,
      result: fc.oneof(
        fc.record(
          { messages: fc.array(message, { maxLength: 2 }), description: orNull(text) },
          { requiredKeys: ['messages'] },
        ),
        fc.constantFrom('text', null, 5),
      ),
    },
    may: {},
  },
  resource_pre_fetch: { must: { uri: name }, may: { metadata: orNull(map) } },
  resource_post_fetch: { must: { uri: name, content: value }, may: {} },
  agent_pre_invoke: {
    must: { agent_id: name, messages: fc.array(message, { maxLength: 2 }) },
    may: {
      tools: orNull(fc.array(name, { maxLength: 2 })),
      headers: orNull(headers),
      model: orNull(text),
      system_prompt: orNull(text),
      parameters: orNull(map),
    },
  },
  agent_post_invoke: {
    must: { agent_id: name, messages: fc.array(message, { maxLength: 2 }) },
    may: { tool_calls: orNull(fc.array(map, { maxLength: 2 })) },
  },
  http_pre_request: {
    must: { path: text, method: fc.constantFrom('GET', 'post'), headers },
    may: { client_host: orNull(text), client_port: orNull(fc.constantFrom(0, 80)) },
  },
  http_post_request: {
    must: { path: text, method: fc.constantFrom('GET', 'post'), headers },
    may: {
      client_host: orNull(text),
      client_port: orNull(fc.constantFrom(0, 80)),
      response_headers: orNull(headers),
      status_code: orNull(fc.constantFrom(200, 404)),
    },
  },
  http_auth_resolve_user: {
    must: { headers },
    may: { credentials: orNull(map), client_host: orNull(text), client_port: orNull(fc.constantFrom(0, 80)) },
  },
  http_auth_check_permission: {
    must: { user_email: text, permission: text },
    may: {
      resource_type: orNull(text),
      team_id: orNull(text),
      is_admin: fc.boolean(),
      auth_method: orNull(text),
      client_host: orNull(text),
      user_agent: orNull(text),
    },
  },
};

/** A whole payload of a hook. */
export function payloadOf(hook: HookName): fc.Arbitrary<Json> {
  const { must, may } = fields[hook];
  return fc.record({ ...must, ...may }, { requiredKeys: Object.keys(must) });
}

/** Some of its fields. */
export function payloadFields(hook: HookName): fc.Arbitrary<Json> {
  const { must, may } = fields[hook];
  return fc.record({ ...must, ...may }, { requiredKeys: [] });
}

const names = fc.array(name, { maxLength: 2 });

export const condition: fc.Arbitrary<Json> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ tools: names, prompts: names, resources: names, agents: names }, { requiredKeys: [] }),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        server_ids: fc.array(fc.constantFrom('server', 'other', ''), { maxLength: 2 }),
        tenant_ids: fc.array(fc.constantFrom('tenant', 'other', ''), { maxLength: 2 }),
        user_patterns: fc.array(fc.constantFrom('ada', 'Ada', '@', ''), { maxLength: 2 }),
        content_types: fc.array(fc.constantFrom('application/json', 'TEXT/plain; charset=utf-8', ''), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  },
);

const stateValue = fc.dictionary(fc.constantFrom('a', 'shared'), value, { maxKeys: 2 });

/** What a host knows of the request. */
export const request: fc.Arbitrary<Chain['context']> = fc.record(
  {
    request_id: fc.constantFrom('request-1', ''),
    user: fc.constantFrom('ada@example.com', 'ada', '', null),
    user_context: fc.constantFrom({ user_id: 'ada', email: 'ada@example.com' }, null),
    tenant_id: fc.constantFrom('tenant', '', null),
    server_id: fc.constantFrom('server', '', null),
    content_type: fc.constantFrom('application/json', 'Application/JSON; charset=utf-8', 'text/plain', '', null),
    state: stateValue,
    metadata: stateValue,
  },
  { requiredKeys: ['request_id'] },
);
