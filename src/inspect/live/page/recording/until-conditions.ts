import type { RecordingFacts } from '../../feed/feed-recording.js';
import { actorNames } from './actor-names.js';
import type { Until } from '../../feed/live-source.js';

export interface UntilChoice {
  readonly until: Until;
  /** `until github is failed`. */
  readonly text: string;
}

/** What can be waited for in any recording. */
export const nextChoices: readonly UntilChoice[] = [
  { until: { next: 'block' }, text: 'until the next block' },
  { until: { next: 'failure' }, text: 'until the next failure' },
  { until: { next: 'departure' }, text: 'until the next departure' },
];

/** The states that actors of a recording come to, those in which something is wrong first. */
export function stateChoices({ tape }: RecordingFacts, most: number): readonly UntilChoice[] {
  const names = actorNames(Object.keys(tape.ribbons));
  const seen = new Map<string, UntilChoice & { readonly odd: boolean }>();
  for (const [actor, ribbon] of Object.entries(tape.ribbons)) {
    for (const [, at] of ribbon) {
      const state = at.split('.')[0] ?? at;
      const odd = /^(?:failed|reconnecting|lost|refus|timedOut)/.test(state);
      seen.set(`${actor} ${state}`, { until: { actor, state }, text: `until ${names.get(actor)} is ${state}`, odd });
    }
  }
  return [...seen.values()]
    .toSorted((one, other) => Number(other.odd) - Number(one.odd) || one.text.localeCompare(other.text, 'en'))
    .slice(0, most)
    .map(({ until, text }) => ({ until, text }));
}

/** The guards that were asked by events, each as what makes it false. */
export function guardChoices(guards: Iterable<string>): readonly UntilChoice[] {
  return [...new Set(guards)].sort().map((guard) => ({ until: { guard }, text: `until ${guard} is false` }));
}

/** The path that asks for it. */
export function untilPath(until: Until, from: number): string {
  return `/until?${new URLSearchParams({ ...until, from: String(from) }).toString()}`;
}

/** What is said when it never comes to that. */
export function neverText({ text }: UntilChoice, from: number): string {
  return `After event ${from.toLocaleString('en')} there is nothing to stop at: ${text}.`;
}
