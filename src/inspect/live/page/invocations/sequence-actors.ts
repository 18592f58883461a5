import type { InvocationDetail } from '../../feed/feed-invocations.js';

export interface SequenceActor {
  readonly name: string;
  readonly kind: 'agent' | 'gateway' | 'plugin' | 'server';
  /** Nothing reached it. */
  readonly notCalled: boolean;
}

/**
 * Who takes part in a call, from left to right: the agent, the gateway, the plugins that live elsewhere in the order of
 * the chain, the server. Plugins in the process are no one to send to: their messages are notes.
 */
export function sequenceActors({ sequence, steps }: InvocationDetail): readonly SequenceActor[] {
  const [first, second] = sequence[0] === undefined ? [] : [sequence[0].from, sequence[0].to];
  const wired = steps.filter(({ wire }) => wire !== undefined);
  const unreached = wired.filter(({ status }) => status === 'notReached').map(({ p }) => p);
  const names = new Set([
    ...sequence.flatMap(({ from, to }) => [from, to]),
    ...(second === undefined ? [] : unreached),
  ]);
  const reached = new Set(sequence.filter(({ kind }) => kind !== 'notCalled').flatMap(({ from, to }) => [from, to]));
  const begins = [...new Set([first, second])].filter((name) => name !== undefined);
  const plugins = [...new Set(wired.map(({ p }) => p))].filter((name) => names.has(name) && !begins.includes(name));
  const others = [...names].filter((name) => !begins.includes(name) && !plugins.includes(name));
  return [...begins, ...plugins, ...others].map((name, index) => ({
    name,
    kind: kindOf(index, plugins.includes(name)),
    notCalled: !reached.has(name),
  }));
}

function kindOf(index: number, isPlugin: boolean): SequenceActor['kind'] {
  if (isPlugin) return 'plugin';
  return (['agent', 'gateway'] as const)[index] ?? 'server';
}

/** What became of the server, as far as the messages tell. */
export function serverWord(invocation: InvocationDetail): 'called' | 'not called' | 'unknown' {
  const servers = sequenceActors(invocation).filter(({ kind }) => kind === 'server');
  if (servers.length === 0) return 'unknown';
  return servers.every(({ notCalled }) => notCalled) ? 'not called' : 'called';
}
