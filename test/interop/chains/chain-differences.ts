import { isPlainObject } from '../../../src/json/records.js';
import { differences } from '../differences.js';
import type { Json } from '../host.js';
import type { Implementation } from '../python-environment.js';
import type { Chain, ChainCall, ChainOutcome, HookName, ScriptedEntry } from './chain.js';
import {
  both,
  filled,
  headersOf,
  nothing,
  onActs,
  onExecutions,
  onModifications,
  onRecords,
  onResult,
  present,
  renamed,
  withDetails,
  withNothing,
  withoutDecider,
  withoutDecision,
  withoutRecords,
  type Pair,
} from './chain-adjustments.js';
import type { Emulation } from './python-chains.js';

/** A difference that is meant. One that changes what comes after it cannot be taken out of outcomes: theirs is asked for ours. */
export interface ChainDifference {
  /** As on the page: in bold in the list of generated chains. */
  readonly name: string;
  /** How the page goes on. */
  readonly reason: string;
  /** Where it is; everywhere unless said. */
  readonly only?: Implementation;
  /** The chain as theirs has to be given it. */
  readonly translate?: (chain: Chain) => Chain;
  /** What theirs is asked to do as ours does. */
  readonly emulate?: keyof Emulation;
  /** The outcomes of a call without the difference. */
  readonly remove?: (pair: Pair, call: ChainCall, chain: Chain) => Pair;
}

/** A difference that the suite meets elsewhere too. */
function listed(wanted: string): Pick<ChainDifference, 'name' | 'reason'> {
  const known = differences.find(({ name }) => name === wanted);
  if (known === undefined) throw new Error(`no difference is called ${wanted}`);
  return { name: known.name, reason: known.reason };
}

const ownResults: readonly HookName[] = [
  'http_pre_request',
  'http_post_request',
  'http_auth_resolve_user',
  'http_auth_check_permission',
];
const hasOwnResult = ({ hook }: ChainCall): boolean => ownResults.includes(hook);
/** A record that does not say whether the payload was changed. */
const withoutChange = (record: Json): Json => ({ ...record, matched: null, applied: null, payload_modified: null });
const spanOf = ({ span }: ChainOutcome): Json => (isPlainObject(span) ? span : {});
const blocked = ({ result }: ChainOutcome): boolean => result?.['continue_processing'] === false;

/** Modes in which `cpex` lets what would block pass; `permissive` is its `transform`. */
const suppressesBlocks = (mode: string, { mode_dialect: dialect }: Chain): boolean =>
  dialect === 'cpex' && ['transform', 'audit', 'permissive'].includes(mode);

/** The plugin that ended the chain. */
const lastToEnd = ({ order }: ChainOutcome, { plugin }: ChainCall, plugins: readonly ScriptedEntry[]) => {
  const before = plugins.filter(({ name, mode }) =>
    plugin === undefined ? mode !== 'fire_and_forget' : name === plugin,
  );
  const ended = order.findLast((line) => before.some(({ name }) => line.endsWith(` ${name} ends`)));
  return before.find(({ name }) => ended?.includes(` ${name} `));
};

export const chainDifferences: readonly ChainDifference[] = [
  {
    name: 'fields that are absent',
    reason:
      'plugins of theirs are given `{}` for `args`, `metadata` and `parameters` and null for the rest; to ours they are absent, as null is.',
    translate: (chain) => ({
      ...onModifications((modification) =>
        modification.kind === 'fields' ? { ...modification, fields: filled(modification.fields) } : modification,
      )(chain),
      calls: chain.calls.map((call) => ({ ...call, payload: filled(call.payload) })),
    }),
    remove: both(({ violation, ...outcome }) => ({
      ...onResult(outcome, ({ modified_payload: payload, violation: denied, metadata, ...rest }) => ({
        ...rest,
        metadata: metadata ?? {},
        violation: withDetails(denied),
        modified_payload: present(payload),
      })),
      ...(violation !== undefined && { violation: withDetails(violation) }),
      seen: outcome.seen.map((sight) => ({ ...sight, payload: present(sight.payload) })),
    })),
  },
  {
    name: 'answers of nothing',
    reason: 'a handler that answers nothing lets the chain go on; theirs fails.',
    translate: onActs((act) => (act.end.kind === 'nothing' ? { ...act, end: { kind: 'answer', answer: {} } } : act)),
  },
  {
    name: 'answers that are no results',
    reason: 'nothing of such a plugin is merged; theirs merges its global state before it looks at the answer.',
    translate: onActs((act, { plugin }) =>
      act.end.kind === 'odd' && plugin === undefined ? { ...act, end: { kind: 'error', message: 'odd' } } : act,
    ),
  },
  {
    name: 'modifications that are no objects',
    reason: 'text, numbers and lists are never taken for a payload; theirs takes them where there is no policy.',
    translate: onModifications((modification) => (modification.kind === 'odd' ? null : modification)),
  },
  {
    name: 'objects of another shape under a policy',
    reason: 'they are ignored; theirs takes them whole.',
    translate: onModifications((modification, { hook, plugin }, { policies }) =>
      modification.kind === 'foreign' && plugin === undefined && policies[hook] !== undefined ? null : modification,
    ),
  },
  {
    name: 'keys that are deleted',
    reason: 'in the global state they stay deleted, see 12; theirs brings them back.',
    emulate: 'deletes',
  },
  {
    name: 'changes at depth',
    reason:
      'what a plugin changes inside a value stays its own until it is merged, see 9; theirs shows it to all at once.',
    emulate: 'copies',
  },
  {
    name: 'notes of plugins that are skipped',
    reason: 'a hook that skips a plugin keeps its notes for the next one; theirs drops them.',
    emulate: 'keeps',
  },
  {
    name: 'what concurrent plugins leave',
    reason:
      'their state and metadata are merged when their phase ends, in the order of the chain, and only what they wrote; `cpex` merges all of it as each one ends, so that the slowest wins.',
    only: 'cpex',
    emulate: 'merges',
  },
  {
    name: 'plugins beside one that fails',
    reason:
      'where an error or the caller ends the chain they are told that nobody waits for them; in `cpex` they go on.',
    only: 'cpex',
    emulate: 'aborts',
  },
  {
    name: 'concurrent plugins that wait for their turn',
    reason:
      'where `execution_pool` makes them wait, none starts behind one that ends the chain; in `cpex` the next one starts, to be told at once that nobody waits for it.',
    only: 'cpex',
    emulate: 'turns',
  },
  {
    name: 'work behind a block that is raised',
    reason: '`fire_and_forget` plugins run behind every block, also one that is raised; in `cpex` not behind those.',
    only: 'cpex',
    emulate: 'afterwards',
  },
  {
    name: 'payloads of work in the background',
    reason: '`fire_and_forget` plugins are given what the chain made of the payload; in `cpex` what it began with.',
    only: 'cpex',
    emulate: 'final',
  },
  {
    name: 'notes of work in the background',
    reason:
      '`fire_and_forget` plugins read their notes of earlier hooks, and what they write there is gone; in `cpex` they find none, and what they write goes to the next hook.',
    only: 'cpex',
    emulate: 'notes',
  },
  {
    name: 'violations that are thrown in the background',
    reason: 'they are blocks that come too late, as those that are answered; in `cpex` they are errors.',
    only: 'cpex',
    translate: onActs((act, { plugin: named }, _chain, { mode }) =>
      act.end.kind === 'violation' && mode === 'fire_and_forget' && named === undefined
        ? { ...act, end: { kind: 'answer', answer: { continue_processing: false } } }
        : act,
    ),
  },
  {
    name: 'hooks listed twice',
    reason: 'a plugin runs once on each; theirs runs as often as they are listed.',
    translate: (chain) => ({
      ...chain,
      plugins: chain.plugins.map((plugin) => ({ ...plugin, hooks: [...new Set(plugin.hooks)] })),
    }),
  },
  {
    name: 'payloads of `http_*` hooks',
    reason:
      'every plugin is given the payload, see 8, and policies limit no answer; theirs gives the second plugin what the first one answered, and holds that to the policy.',
    translate: (chain) => ({
      ...chain,
      policies: Object.fromEntries(
        Object.entries(chain.policies).map(([hook, fields]) => [
          hook,
          ownResults.includes(hook as HookName) ? [...fields, 'root', 'granted', 'reason'] : fields,
        ]),
      ),
    }),
    remove: (pair, call, { policies }) => {
      if (!hasOwnResult(call)) return pair;
      const { hook, plugin } = call;
      // To a policy an answer like the one before it is no change.
      const isHeld = plugin === undefined && policies[hook] !== undefined;
      return both((outcome) => ({
        ...(isHeld && hook === 'http_auth_check_permission' ? onResult(outcome, withoutDecider) : outcome),
        seen: outcome.seen.map(headersOf),
      }))(isHeld ? onRecords(pair, withoutChange) : pair);
    },
  },
  {
    name: 'denials',
    reason: 'of permissions any denial wins, see 7; of theirs the last answer.',
    remove: (pair, call, { plugins, calls }) => {
      if (call.hook !== 'http_auth_check_permission') return pair;
      const denies = (name: unknown): boolean => {
        const end = plugins.find((plugin) => plugin.name === name)?.acts[calls.indexOf(call)]?.end;
        const modified = end?.kind === 'answer' ? end.answer.modified : undefined;
        return modified?.kind === 'decision' && !modified.value.granted;
      };
      const recorded = onExecutions(pair, (record) => (denies(record['plugin_name']) ? withoutChange(record) : record));
      if (Object(pair.ours.result?.['modified_payload']).granted !== false) return recorded;
      return both((outcome) => onResult(outcome, withoutDecision))(onRecords(recorded, withoutChange));
    },
  },
  {
    name: 'blocks on `http_*` hooks',
    reason: 'they answer no result but a denial; theirs answer what the blocker was given, as if it were one.',
    remove: (pair, call) =>
      hasOwnResult(call) && blocked(pair.ours) && blocked(pair.theirs)
        ? both((outcome) => onResult(outcome, withoutDecision))(pair)
        : pair,
  },
  {
    name: 'headers of answers',
    reason: 'a chain answers the `http_headers` of its plugins, see 11; theirs drops them.',
    remove: (pair, { plugin }) =>
      plugin === undefined
        ? both((outcome) => onResult(outcome, (result) => ({ ...result, http_headers: null })))(pair)
        : pair,
  },
  {
    name: 'header names',
    reason: 'header maps have one entry for each name, in any case: the last. Theirs may have several.',
    emulate: 'headers',
  },
  {
    name: 'blocks of plugins called by name',
    reason:
      'they are answered as the plugin gave them. Theirs keeps only the violation, and `cpex` lets pass what a mode does that may not block.',
    remove: (pair, { plugin }, chain) => {
      if (plugin === undefined || !blocked(pair.ours)) return pair;
      const { mode } = chain.plugins.find(({ name }) => name === plugin) ?? {};
      const isPass = mode !== undefined && suppressesBlocks(mode, chain);
      if (!isPass && !blocked(pair.theirs)) return pair;
      return both((outcome) =>
        onResult(outcome, ({ violation }) => (isPass ? {} : { continue_processing: false, violation })),
      )(pair);
    },
  },
  {
    name: 'payloads about nothing in particular',
    reason:
      'an empty tool name, say, is seen by every plugin whatever its `tools` say; 1.0.0 skips those with such a list.',
    only: '1.0.0',
    translate: (chain) => ({
      ...chain,
      plugins: chain.plugins.map((plugin) => ({
        ...plugin,
        conditions: plugin.conditions.map(withNothing),
        acts: renamed(plugin.acts, '', nothing),
      })),
      calls: chain.calls.map((call) => ({ ...call, payload: renamed(call.payload, '', nothing) })),
    }),
    remove: ({ ours, theirs }) => ({ ours, theirs: renamed(theirs, nothing, '') }),
  },
  {
    name: 'delays of blocks that do not count',
    reason: 'the retry delay of a `transform` or `audit` plugin that would block is answered; `cpex` drops it.',
    only: 'cpex',
    remove: (pair, _call, chain) => {
      const doNotCount = chain.plugins.some(
        ({ mode, acts }) =>
          suppressesBlocks(mode, chain) &&
          acts.some(
            ({ end }) =>
              end.kind === 'answer' &&
              end.answer.continue_processing === false &&
              Number(end.answer.retry_delay_ms) > 0,
          ),
      );
      return doNotCount
        ? both((outcome) => onResult(outcome, (result) => ({ ...result, retry_delay_ms: 0 })))(pair)
        : pair;
    },
  },
  {
    name: 'plugins skipped behind a block',
    reason:
      'a span counts the plugins that were skipped behind a block too, as `cpex` does; 1.0.0 counts those before it.',
    only: '1.0.0',
    remove: (pair) =>
      blocked(pair.ours)
        ? both((outcome) => ({ ...outcome, span: { ...spanOf(outcome), skipped: null } }))(pair)
        : pair,
  },
  {
    name: 'records of plugins that were told',
    reason: 'they are there, with the status `cancelled`; `cpex` has none of them.',
    only: 'cpex',
    remove: ({ ours, theirs }) => ({
      ours: withoutRecords(ours, ({ status }) => status === 'cancelled'),
      theirs,
    }),
  },
  {
    name: 'records of errors',
    reason:
      'an error that is raised has the records of its chain, and one that is not says `error` in its own; `cpex` has no records with errors, and says `completed` where one is not raised.',
    only: 'cpex',
    remove: (pair) => {
      if (pair.ours.raised === 'error' || pair.ours.raised === 'cancelled')
        return both(({ executions: _, ...outcome }) => outcome)(pair);
      const isError = (record: Json, other: Json): boolean =>
        [record, other].some(({ error_code: code }) => code === 'plugin_error');
      return onRecords(pair, (record, other) =>
        isError(record, other) ? { plugin_name: record['plugin_name'] } : record,
      );
    },
  },
  {
    name: 'records of blocks that do not count',
    reason: 'they say that the plugin asked to deny, and what the chain made of it; in `cpex` they are clean passes.',
    only: 'cpex',
    remove: (pair, call, chain) =>
      onRecords(pair, (record) => {
        const plugin = chain.plugins.find(({ name }) => name === record['plugin_name']);
        const end = plugin?.acts[chain.calls.indexOf(call)]?.end;
        const stops = end?.kind === 'answer' && end.answer.continue_processing === false;
        return stops && suppressesBlocks(plugin?.mode ?? '', chain)
          ? { ...record, requested_allow: null, matched: null, reason: null, error_code: null }
          : record;
      }),
  },
  {
    name: 'records of violations that do not block',
    reason: 'they have no reason and no code, whatever the mode; in `cpex` those of concurrent plugins have.',
    only: 'cpex',
    remove: (pair) =>
      onRecords(pair, (record) =>
        record['mode'] === 'concurrent' && record['requested_allow'] === true
          ? { ...record, reason: null, error_code: null }
          : record,
      ),
  },
  {
    name: 'records of plugins that answer what they were given',
    reason: 'they have modified the payload, if it is taken; in `cpex` they have not where a plugin before them has.',
    only: 'cpex',
    remove: (pair, call, { plugins, calls }) => {
      const kindOf = ({ acts }: ScriptedEntry): string | undefined => {
        const end = acts[calls.indexOf(call)]?.end;
        return end?.kind === 'answer' ? end.answer.modified?.kind : undefined;
      };
      // What is no payload has no fields to change.
      const isForeign = plugins.some((plugin) => kindOf(plugin) === 'foreign');
      const asGiven = plugins.filter(
        (plugin) => kindOf(plugin) === 'same' || (isForeign && kindOf(plugin) === 'fields'),
      );
      return onRecords(pair, (record) =>
        asGiven.some(({ name }) => name === record['plugin_name']) ? withoutChange(record) : record,
      );
    },
  },
  {
    name: 'durations of concurrent plugins',
    reason: 'their records give them; in `cpex` they are 0.',
    only: 'cpex',
    remove: (pair) =>
      onRecords(pair, (record) => (record['mode'] === 'concurrent' ? { ...record, duration_ms: 0 } : record)),
  },
  {
    name: 'records of executions',
    reason: 'answers and errors have `executions` and a denial its `denialOutcome`, as in `cpex`; 1.0.0 has neither.',
    only: '1.0.0',
    remove: both(({ executions: _, denial: _2, ...outcome }) => outcome),
  },
  {
    name: 'user and content type',
    reason: 'plugins are given `user_context` and `content_type`, see 10; 1.0.0 leaves them out.',
    only: '1.0.0',
    remove: both((outcome) => ({
      ...outcome,
      seen: outcome.seen.map((sight) => ({ ...sight, content_type: null, user_id: null })),
    })),
  },
  {
    ...listed('errors in mode audit'),
    only: 'cpex',
    translate: (chain) => ({
      ...chain,
      plugins: chain.plugins.map((plugin) => (plugin.mode === 'audit' ? { on_error: 'ignore', ...plugin } : plugin)),
    }),
  },
  {
    name: 'errors of background work that is called by name',
    reason:
      'they are logged, unless `on_error: fail` is written; `cpex` raises them, unless `on_error` says otherwise.',
    only: 'cpex',
    translate: (chain) => ({
      ...chain,
      plugins: chain.plugins.map((plugin) =>
        plugin.mode === 'fire_and_forget' ? { on_error: 'ignore', ...plugin } : plugin,
      ),
    }),
  },
  {
    name: 'time-outs of plugins called by name',
    reason: 'they are told or left to the log as `on_error` says, as other errors are; `cpex` tells of all of them.',
    only: 'cpex',
    remove: (pair, { plugin }) =>
      plugin !== undefined && String(pair.theirs['message']).startsWith('PluginTimeoutError')
        ? both(({ result: _, raised: _2, message: _3, notes: _4, executions: _5, ...outcome }) => outcome)(pair)
        : pair,
  },
  {
    ...listed('delays below zero'),
    remove: ({ ours, theirs }) => ({
      ours,
      theirs: onResult(theirs, (result) => ({
        ...result,
        ...(Number(result['retry_delay_ms']) < 0 && { retry_delay_ms: 0 }),
      })),
    }),
  },
  {
    ...listed('violations that are thrown'),
    remove: (pair, call, { plugins, calls }) => {
      if (pair.ours.raised !== 'violation' || pair.theirs.raised !== 'violation') return pair;
      const thrower = lastToEnd(pair.ours, call, plugins);
      if (thrower?.acts[calls.indexOf(call)]?.end.kind !== 'violation') return pair;
      return both(({ message: _, denial: _2, violation, ...outcome }) => ({
        ...outcome,
        violation: isPlainObject(violation) ? { ...violation, plugin_name: thrower.name } : violation,
      }))(pair);
    },
  },
  {
    name: 'what failures say',
    reason:
      "an exception is told by its message, `boom`; theirs as Python writes it, `ValueError('boom')`. A block without a violation and an answer that is no result are told in words of ours.",
    remove: (pair) => {
      const { ours, theirs } = onRecords(pair, (record) =>
        record['error_code'] === 'plugin_violation' ? { ...record, reason: null } : record,
      );
      if (ours.raised === 'violation' && theirs.raised === 'violation' && theirs['violation'] === null)
        return { ours: { ...ours, message: '' }, theirs: { ...theirs, message: '' } };
      if (ours.raised !== 'error' || theirs.raised !== 'error') return { ours, theirs };
      const { our_code: code, ...rest } = ours;
      const invalid = code === 'PLUGIN_RESULT_INVALID';
      return {
        ours: { ...rest, ...(invalid && { message: '' }) },
        theirs: { ...theirs, message: invalid ? '' : String(theirs['message']).replace(/^\w+\('(.*)'\)$/s, '$1') },
      };
    },
  },
];
