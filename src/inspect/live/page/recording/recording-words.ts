import type { Departure, RecordingFacts } from '../../feed/feed-recording.js';

/** What is known of the file: how long, how much, by what, and whether it is whole. */
export function factsText(facts: RecordingFacts): readonly string[] {
  const { ms, events, actors, madeBy, cutOff } = facts;
  return [
    lengthText(ms),
    `${events.toLocaleString('en')} ${events === 1 ? 'event' : 'events'}`,
    `${actors.toLocaleString('en')} ${actors === 1 ? 'actor' : 'actors'}`,
    `made by ${madeBy}`,
    ...(cutOff === undefined ? [] : ['read to its last whole line']),
  ];
}

/** The banner over a replay that goes another way; undefined where it goes the same way. */
export function departureText({
  departures,
  madeBy,
}: RecordingFacts): { readonly first: Departure; readonly head: string; readonly text: string } | undefined {
  const [first] = departures;
  if (first === undefined) return undefined;
  const more = departures.length - 1;
  return {
    first,
    head: `Departs at event ${first.seq.toLocaleString('en')}.`,
    text: [
      `Recorded by ${madeBy}: ${first.text.replace(/\.?$/, '.')}`,
      'All before it is the same.',
      ...(more === 0 ? [] : [`${more.toLocaleString('en')} more after it.`]),
    ].join(' '),
  };
}

/** `4 min 12 s`, `12.3 s`. */
function lengthText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
