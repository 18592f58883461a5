import * as fc from 'fast-check';
import type { Json } from '../host.js';
import type { Act, Answer, End, HookName, Modification, Write } from './chain.js';
import { header, key, payloadFields, text, value } from './values.js';

/** Keys that plugins write in records, some of which are there from the start. */
export const stateKey = fc.constantFrom('a', 'b', 'shared');
const record = fc.constantFrom('global', 'global', 'global_metadata', 'local', 'local_metadata');

const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ to: record, do: fc.constant('set'), key: stateKey, value }) },
  { weight: 3, arbitrary: fc.record({ to: record, do: fc.constant('count'), key: stateKey }) },
  { weight: 2, arbitrary: fc.record({ to: record, do: fc.constant('nest'), key: stateKey, value }) },
  { weight: 2, arbitrary: fc.record({ to: record, do: fc.constant('delete'), key: stateKey }) },
  { weight: 1, arbitrary: fc.record({ to: record, do: fc.constant('clear') }) },
) as fc.Arbitrary<Write>;

const violation: fc.Arbitrary<Json> = fc.record(
  {
    reason: text,
    description: text,
    code: text,
    details: fc.oneof(fc.dictionary(key, value, { maxKeys: 2 }), fc.constant(null)),
    mcp_error_code: fc.constantFrom(-32001, 0, null),
    http_status_code: fc.constantFrom(429, null),
    http_headers: fc.oneof(fc.dictionary(header, text, { maxKeys: 1 }), fc.constant(null)),
  },
  { requiredKeys: ['reason', 'description', 'code'] },
);

function modification(hook: HookName): fc.Arbitrary<Modification> {
  switch (hook) {
    case 'http_pre_request':
    case 'http_post_request':
      return fc.record({ kind: fc.constant('headers'), value: fc.dictionary(header, text, { maxKeys: 2 }) });
    case 'http_auth_resolve_user':
      return fc.record({ kind: fc.constant('user'), value: fc.dictionary(key, value, { maxKeys: 2 }) });
    case 'http_auth_check_permission':
      return fc.record({
        kind: fc.constant('decision'),
        value: fc.record(
          { granted: fc.boolean(), reason: fc.oneof(text, fc.constant(null)) },
          { requiredKeys: ['granted'] },
        ),
      });
    default:
      return fc.oneof(
        { weight: 8, arbitrary: fc.record({ kind: fc.constant('fields'), fields: payloadFields(hook) }) },
        { weight: 2, arbitrary: fc.constant({ kind: 'same' }) },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant('foreign'), value: fc.constantFrom({ other: 5 }, { name: 7 }, {}) }),
        },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant('odd'), value: fc.constantFrom('text', 5, true, ['list']) }),
        },
      ) as fc.Arbitrary<Modification>;
  }
}

/** Some of it has no name that may be told, or is too much. */
const denialMetadata: fc.Arbitrary<Json> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(
      fc.constantFrom('score', 'hits_3', 'a.b', 'no label', '', 'x'.repeat(65)),
      fc.constantFrom(true, false, 0, 3, -17, 2.5, 1e300),
      { maxKeys: 3 },
    ),
  },
  { weight: 1, arbitrary: fc.constant(Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`n${n}`, n]))) },
);

function answer(hook: HookName): fc.Arbitrary<Answer> {
  const passes = fc.record(
    {
      modified: fc.oneof({ weight: 8, arbitrary: modification(hook) }, { weight: 1, arbitrary: fc.constant(null) }),
      violation: fc.oneof(violation, fc.constant(null)),
      metadata: fc.oneof(
        fc.dictionary(fc.oneof(key, fc.constantFrom('_decision_plugin', 'last')), value, { maxKeys: 2 }),
        fc.constant(null),
      ),
      http_headers: fc.oneof(fc.dictionary(header, text, { maxKeys: 2 }), fc.constant(null)),
      retry_delay_ms: fc.constantFrom(0, 20, 500, -3),
      denial_metadata: denialMetadata,
      continue_processing: fc.constant(true),
    },
    { requiredKeys: [] },
  );
  const stops = fc
    .tuple(passes, fc.record({ violaton: text }, { requiredKeys: [] }))
    .map(([rest, odd]) => ({ ...rest, ...odd, continue_processing: false }));
  return fc.oneof({ weight: 4, arbitrary: passes }, { weight: 1, arbitrary: stops }) as fc.Arbitrary<Answer>;
}

function end(hook: HookName): fc.Arbitrary<End> {
  return fc.oneof(
    { weight: 600, arbitrary: fc.record({ kind: fc.constant('answer'), answer: answer(hook) }) },
    { weight: 30, arbitrary: fc.constant({ kind: 'nothing' }) },
    {
      weight: 30,
      arbitrary: fc.record({ kind: fc.constant('odd'), value: fc.constantFrom('text', 5, true, [], ['list']) }),
    },
    { weight: 30, arbitrary: fc.record({ kind: fc.constant('error'), message: fc.constantFrom('boom', 'ähm') }) },
    {
      weight: 20,
      arbitrary: fc.record({
        kind: fc.constant('plugin_error'),
        error: fc.record(
          {
            message: text,
            plugin_name: fc.constantFrom('p0', 'somebody'),
            code: text,
            details: fc.dictionary(key, value, { maxKeys: 1 }),
            mcp_error_code: fc.constantFrom(-32050, 0),
          },
          { requiredKeys: ['message', 'plugin_name'] },
        ),
      }),
    },
    {
      weight: 30,
      arbitrary: fc.record({
        kind: fc.constant('violation'),
        message: fc.constantFrom('denied', 'nein'),
        violation: fc.oneof({ weight: 4, arbitrary: violation }, { weight: 1, arbitrary: fc.constant(null) }),
      }),
    },
    { weight: 20, arbitrary: fc.constant({ kind: 'hang' }) },
  ) as fc.Arbitrary<End>;
}

/** What a plugin may do on a hook, but for how long it waits before. */
export const act = (hook: HookName): fc.Arbitrary<Omit<Act, 'wait'>> =>
  fc.record({ steps: fc.array(write, { maxLength: 3 }), early: fc.boolean(), end: end(hook), sync: fc.boolean() });
