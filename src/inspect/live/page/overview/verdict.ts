import { meaningOf } from '../parts/meaning.js';
import { count, counted } from '../parts/time-format.js';
import type { Model } from '../store/model.js';
import type { AttentionItem } from './attention.js';

/** How things stand, in a sentence, and what there is to say besides. */
export interface Verdict {
  readonly sentence: string;
  readonly besides: string;
}

/** The verdict on what needs attention. */
export function verdictOf(model: Pick<Model, 'actors' | 'plugins'>, items: readonly AttentionItem[]): Verdict {
  const connections = [...model.actors.values()].filter(({ kind }) => kind === 'connection');
  const down = items.filter(({ kind }) => kind === 'connection');
  const downCount = sum(down.map(({ ids }) => ids.length));
  const off = items.filter(({ kind }) => kind === 'plugin').length;
  const logins = items.filter(({ kind }) => kind === 'login').length;
  const shared = down.length === 1 && downCount > 1 ? down[0] : undefined;
  const others = [
    ...(connections.length > downCount ? [counted(connections.length - downCount, 'connection')] : []),
    ...(model.plugins.length > off ? [counted(model.plugins.length - off, 'plugin')] : []),
  ];
  const fine = others.length === 0 ? '' : `The other ${others.join(' and ')} are fine.`;
  if (items.length === 0) return { sentence: 'All is quiet.', besides: quietOf(connections, model.plugins.length) };
  const told = [
    ...(downCount === 0 ? [] : [downText(downCount, connections.length, shared !== undefined)]),
    ...(off === 0 ? [] : [off === 1 ? 'a plugin is off' : `${off} plugins are off`]),
    ...(logins === 0 ? [] : [logins === 1 ? 'a login waits' : `${logins} logins wait`]),
  ].join(', ');
  const sentence = `${told.charAt(0).toUpperCase()}${told.slice(1)}.`;
  return shared === undefined
    ? { sentence, besides: fine }
    : {
        sentence: `${sentence} They share one cause.`,
        besides: [`${shared.cause ?? 'It is not known'}.`, fine].join(' ').trim(),
      };
}

function downText(down: number, all: number, isShared: boolean): string {
  if (down === 1) return 'a connection is down';
  return isShared || all > 40 ? `${count(down)} of ${count(all)} connections are down` : `${down} connections are down`;
}

function quietOf(connections: readonly { readonly at: string }[], plugins: number): string {
  if (connections.length === 0 && plugins === 0) return 'There is no connection yet, and no plugin.';
  const ready = connections.filter(({ at }) => meaningOf(at) === 'ready').length;
  const idle = connections.filter(({ at }) => meaningOf(at) === 'idle').length;
  const parts = [
    ...(ready > 0 ? [`${counted(ready, 'connection')} ready`] : []),
    ...(idle > 0 ? [`${count(idle)} idle`] : []),
    ...(connections.length > ready + idle ? [`${count(connections.length - ready - idle)} on the way`] : []),
    ...(plugins > 0 ? [counted(plugins, 'plugin')] : []),
  ];
  return `${parts.join(', ')}.`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
