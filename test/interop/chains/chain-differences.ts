import { isPlainObject } from '../../../src/context/plain-data.js';
import type { Json } from '../host.js';
import type { Implementation } from '../python-environment.js';
import type { Act, Chain, ChainCall, ChainOutcome, End, HookName, Modification, Sight } from './chain.js';
import type { Emulation } from './python-chains.js';

/** What the two sides of a call have, while differences are taken out of it. */
export interface Pair {
  readonly ours: ChainOutcome;
  readonly theirs: ChainOutcome;
}

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

const ownResults: readonly HookName[] = [
  'http_pre_request',
  'http_post_request',
  'http_auth_resolve_user',
  'http_auth_check_permission',
];
const hasOwnResult = ({ hook }: ChainCall): boolean => ownResults.includes(hook);
const blocked = ({ result }: ChainOutcome): boolean => result?.['continue_processing'] === false;

export const chainDifferences: readonly ChainDifference[] = [
  {
    name: 'fields that are absent',
    reason: 'theirs gives plugins `{}` for `args`, `metadata` and `parameters`, and None for the rest.',
    remove: both((outcome) => ({
      ...onResult(outcome, ({ modified_payload: payload, ...rest }) => ({
        ...rest,
        modified_payload: present(payload),
      })),
      seen: outcome.seen.map((sight) => ({ ...sight, payload: present(sight.payload) })),
    })),
  },
  {
    name: 'answers of nothing',
    reason: 'a plugin that answers nothing lets the chain go on; theirs fails.',
    translate: onActs((act) => (act.end.kind === 'nothing' ? { ...act, end: { kind: 'answer', answer: {} } } : act)),
  },
  {
    name: 'answers that are no results',
    reason: 'nothing is merged of a plugin that answers one; theirs merges what it left in the global state first.',
    translate: onActs((act, { plugin }) =>
      act.end.kind === 'odd' && plugin === undefined ? { ...act, end: { kind: 'error', message: 'odd' } } : act,
    ),
  },
  {
    name: 'modifications that are no objects',
    reason: 'they are never taken; theirs takes them where there is no policy.',
    translate: onModifications((modification) => (modification.kind === 'odd' ? null : modification)),
  },
  {
    name: 'objects of another shape under a policy',
    reason: 'they are ignored; theirs takes them whole.',
    translate: onModifications((modification, { hook }, { policies }) =>
      modification.kind === 'foreign' && policies[hook] !== undefined ? null : modification,
    ),
  },
  { name: 'deletions in the global state', reason: 'see 12.', emulate: 'deletes' },
  { name: 'contexts at every depth', reason: 'see 9.', emulate: 'copies' },
  { name: 'notes of plugins that are skipped', reason: 'they are kept.', emulate: 'keeps' },
  {
    name: 'hooks listed twice',
    reason: 'they run once.',
    translate: (chain) => ({
      ...chain,
      plugins: chain.plugins.map((plugin) => ({ ...plugin, hooks: [...new Set(plugin.hooks)] })),
    }),
  },
  {
    name: 'payloads of hooks with results of their own',
    reason: 'every plugin gets the payload; theirs gives the second one what the first one answered, see 8.',
    translate: (chain) => ({
      ...chain,
      policies: Object.fromEntries(
        Object.entries(chain.policies).map(([hook, fields]) => [
          hook,
          ownResults.includes(hook as HookName) ? [...fields, 'root', 'granted', 'reason'] : fields,
        ]),
      ),
    }),
    remove: (pair, call) => {
      if (!hasOwnResult(call)) return pair;
      return both((outcome) => ({ ...outcome, seen: outcome.seen.map(headersOf) }))(pair);
    },
  },
  {
    name: 'permissions',
    reason: 'any denial wins, see 7.',
    remove: (pair, { hook }) => {
      if (hook !== 'http_auth_check_permission' || pair.ours.result === undefined) return pair;
      const denied = Object(pair.ours.result['modified_payload']).granted === false;
      if (!denied) return pair;
      return both((outcome) => onResult(outcome, withoutDecision))(pair);
    },
  },
  {
    name: 'blocked hooks with results of their own',
    reason: 'they answer none; theirs answers what the blocker was given.',
    remove: (pair, call) =>
      hasOwnResult(call) && blocked(pair.ours) && blocked(pair.theirs)
        ? both((outcome) => onResult(outcome, withoutDecision))(pair)
        : pair,
  },
  {
    name: 'headers of results that pass',
    reason: 'see 11.',
    remove: (pair, { plugin }) =>
      plugin === undefined
        ? both((outcome) => onResult(outcome, (result) => ({ ...result, http_headers: null })))(pair)
        : pair,
  },
  {
    name: 'one entry a header',
    reason: 'header maps have one entry for each name.',
    remove: (pair, { hook }) => (hook.startsWith('http_') ? both((outcome) => withLowerCase(outcome))(pair) : pair),
  },
  {
    name: 'blocks of plugins called by name',
    reason: 'the answer is as the plugin gave it; theirs drops all but the violation.',
    remove: (pair, { plugin }, { plugins }) => {
      if (plugin === undefined || !blocked(pair.ours)) return pair;
      const { mode } = plugins.find(({ name }) => name === plugin) ?? {};
      const isPass = mode === 'transform' || mode === 'audit';
      if (!isPass && !blocked(pair.theirs)) return pair;
      return both((outcome) =>
        onResult(outcome, ({ violation }) => (isPass ? {} : { continue_processing: false, violation })),
      )(pair);
    },
  },
  {
    name: 'payloads about nothing in particular',
    reason: 'every plugin sees them.',
    only: '1.0.0',
    translate: (chain) => ({
      ...chain,
      plugins: chain.plugins.map((plugin) => ({ ...plugin, conditions: plugin.conditions.map(withNothing) })),
      calls: chain.calls.map((call) => ({ ...call, payload: renamed(call.payload, '', nothing) })),
    }),
    remove: ({ ours, theirs }) => ({ ours, theirs: renamed(theirs, nothing, '') }),
  },
  {
    name: 'the payload of a chain that is blocked',
    reason: 'ours answers with the input.',
    only: 'cpex',
    remove: (pair) =>
      blocked(pair.ours) && blocked(pair.theirs)
        ? both((outcome) => onResult(outcome, (result) => ({ ...result, modified_payload: null })))(pair)
        : pair,
  },
  {
    name: 'delays of blocks that do not count',
    reason: 'a delay counts all the same; theirs drops it.',
    only: 'cpex',
    remove: (pair, { plugin }, { plugins }) => {
      const doNotCount = plugins.some(
        ({ mode, acts }) =>
          (mode === 'transform' || mode === 'audit') &&
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
    name: 'user and content type',
    reason: 'see 10.',
    only: '1.0.0',
    remove: both((outcome) => ({
      ...outcome,
      seen: outcome.seen.map((sight) => ({ ...sight, content_type: null, user_id: null })),
    })),
  },
  {
    name: 'errors in mode audit',
    reason: 'logged.',
    only: 'cpex',
    translate: (chain) => ({
      ...chain,
      plugins: chain.plugins.map((plugin) => (plugin.mode === 'audit' ? { ...plugin, on_error: 'ignore' } : plugin)),
    }),
  },
  {
    name: 'the words of failures',
    reason: 'x',
    remove: ({ ours, theirs }) => {
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

function both(change: (outcome: ChainOutcome) => ChainOutcome): (pair: Pair) => Pair {
  return ({ ours, theirs }) => ({ ours: change(ours), theirs: change(theirs) });
}

function onResult(outcome: ChainOutcome, change: (result: Json) => Json): ChainOutcome {
  return outcome.result === undefined ? outcome : { ...outcome, result: change(outcome.result) };
}

function present(payload: unknown): unknown {
  if (!isPlainObject(payload)) return payload;
  const isGiven = (item: unknown): boolean => item !== null && !(isPlainObject(item) && Object.keys(item).length === 0);
  return Object.fromEntries(Object.entries(payload).filter(([, item]) => isGiven(item)));
}

function onActs(change: (act: Act, call: ChainCall, chain: Chain) => Act): (chain: Chain) => Chain {
  return (chain) => ({
    ...chain,
    plugins: chain.plugins.map((plugin) => ({
      ...plugin,
      acts: plugin.acts.map((act, index) => {
        const call = chain.calls[index];
        return call === undefined ? act : change(act, call, chain);
      }),
    })),
  });
}

function onModifications(
  change: (modification: Modification, call: ChainCall, chain: Chain) => Modification | null,
): (chain: Chain) => Chain {
  return onActs((act, call, chain) => {
    if (act.end.kind !== 'answer' || !act.end.answer.modified) return act;
    const { modified, ...answer } = act.end.answer;
    const end: End = { kind: 'answer', answer: { ...answer, modified: change(modified, call, chain) } };
    return { ...act, end };
  });
}

function withoutDecision(result: Json): Json {
  const { _decision_plugin: _, ...metadata } = Object(result['metadata']);
  return { ...result, modified_payload: null, metadata };
}

/** What of a request both give to every plugin: its headers. */
function headersOf(sight: Sight): Sight {
  const { hook, payload } = sight;
  if (!isPlainObject(payload)) return sight;
  if (hook === 'http_pre_request')
    return { ...sight, payload: 'path' in payload ? (payload['headers'] ?? {}) : payload };
  if (hook === 'http_post_request')
    return { ...sight, payload: 'path' in payload ? (payload['response_headers'] ?? {}) : payload };
  return { ...sight, payload: null };
}

function withLowerCase(outcome: ChainOutcome): ChainOutcome {
  return {
    ...onResult(outcome, ({ modified_payload: payload, ...rest }) => ({ ...rest, modified_payload: lowered(payload) })),
    seen: outcome.seen.map((sight) => ({ ...sight, payload: lowered(sight.payload) })),
  };
}

function lowered(headers: unknown): unknown {
  if (!isPlainObject(headers)) return headers;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A name that nothing has. */
const nothing = 'nothing in particular';
const subjects = ['name', 'prompt_id', 'uri', 'agent_id'];

/** A condition whose lists have that name too. */
function withNothing(condition: Json): Json {
  return Object.fromEntries(
    Object.entries(condition).map(([list, names]) => [
      list,
      ['tools', 'prompts', 'resources', 'agents'].includes(list) && Array.isArray(names) && names.length > 0
        ? [...names, nothing]
        : names,
    ]),
  );
}

/** A value in which, at any depth, what a payload is about has another name. */
function renamed<T>(value: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(value), (key, item: unknown) =>
    subjects.includes(key) && item === from ? to : item,
  );
}
