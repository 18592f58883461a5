import { isPlainObject } from '../../../src/json/records.js';
import type { Json } from '../host.js';
import type { Act, Chain, ChainCall, ChainOutcome, End, Modification, ScriptedEntry, Sight } from './chain.js';

/** What the two sides of a call have, while differences are taken out of it. */
export interface Pair {
  readonly ours: ChainOutcome;
  readonly theirs: ChainOutcome;
}

export function both(change: (outcome: ChainOutcome) => ChainOutcome): (pair: Pair) => Pair {
  return ({ ours, theirs }) => ({ ours: change(ours), theirs: change(theirs) });
}

export function onResult(outcome: ChainOutcome, change: (result: Json) => Json): ChainOutcome {
  return outcome.result === undefined ? outcome : { ...outcome, result: change(outcome.result) };
}

/** One plugin's records on both sides, changed together: they are in the same order. */
export function onRecords({ ours, theirs }: Pair, change: (record: Json, other: Json) => Json): Pair {
  const { executions: mine = [] } = ours;
  const { executions: others = [] } = theirs;
  const changed = (records: readonly Json[], beside: readonly Json[]): Json[] =>
    records.map((record, index) => change(record, beside[index] ?? {}));
  return {
    ours: { ...ours, ...(ours.executions && { executions: changed(mine, others) }) },
    theirs: { ...theirs, ...(theirs.executions && { executions: changed(others, mine) }) },
  };
}

/** The records, and the one in what is told of a denial. */
export function onExecutions(pair: Pair, change: (record: Json) => Json): Pair {
  return both((outcome) => {
    const { denial } = outcome;
    if (!isPlainObject(denial) || !isPlainObject(denial['execution'])) return outcome;
    return { ...outcome, denial: { ...denial, execution: change(denial['execution']) } };
  })(onRecords(pair, change));
}

/** An outcome without some of its records. */
export function withoutRecords(outcome: ChainOutcome, isLeftOut: (record: Json) => boolean): ChainOutcome {
  const { executions } = outcome;
  return executions === undefined ? outcome : { ...outcome, executions: executions.filter((one) => !isLeftOut(one)) };
}

export function present(payload: unknown): unknown {
  if (!isPlainObject(payload)) return payload;
  const isGiven = (item: unknown): boolean => item !== null && !(isPlainObject(item) && Object.keys(item).length === 0);
  return Object.fromEntries(Object.entries(payload).filter(([, item]) => isGiven(item)));
}

export function onActs(
  change: (act: Act, call: ChainCall, chain: Chain, plugin: ScriptedEntry) => Act,
): (chain: Chain) => Chain {
  return (chain) => ({
    ...chain,
    plugins: chain.plugins.map((plugin) => ({
      ...plugin,
      acts: plugin.acts.map((act, index) => {
        const call = chain.calls[index];
        return call === undefined ? act : change(act, call, chain, plugin);
      }),
    })),
  });
}

export function onModifications(
  change: (modification: Modification, call: ChainCall, chain: Chain) => Modification | null,
): (chain: Chain) => Chain {
  return onActs((act, call, chain) => {
    if (act.end.kind !== 'answer' || !act.end.answer.modified) return act;
    const { modified, ...answer } = act.end.answer;
    const end: End = { kind: 'answer', answer: { ...answer, modified: change(modified, call, chain) } };
    return { ...act, end };
  });
}

export function withoutDecider(result: Json): Json {
  const { _decision_plugin: _, ...metadata } = Object(result['metadata']);
  return { ...result, metadata };
}

export function withoutDecision(result: Json): Json {
  return { ...withoutDecider(result), modified_payload: null };
}

/** What of a request both give to every plugin: its headers. */
export function headersOf(sight: Sight): Sight {
  const { hook, payload } = sight;
  if (!isPlainObject(payload)) return sight;
  if (hook === 'http_pre_request')
    return { ...sight, payload: 'path' in payload ? (payload['headers'] ?? {}) : payload };
  if (hook === 'http_post_request')
    return { ...sight, payload: 'path' in payload ? (payload['response_headers'] ?? {}) : payload };
  return { ...sight, payload: null };
}

/** A name that nothing has. */
export const nothing = 'nothing in particular';
const subjects = ['name', 'prompt_id', 'uri', 'agent_id'];

/** A condition whose lists have that name too. */
export function withNothing(condition: Json): Json {
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
export function renamed<T>(value: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(value), (key, item: unknown) =>
    subjects.includes(key) && item === from ? to : item,
  );
}

export function withDetails(violation: unknown): unknown {
  return isPlainObject(violation) ? { ...violation, details: violation['details'] ?? {} } : violation;
}

/** What theirs fills in where a payload does not say. */
export function filled(fields: Json): Json {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value === null && ['args', 'metadata', 'parameters'].includes(name) ? {} : value,
    ]),
  );
}
