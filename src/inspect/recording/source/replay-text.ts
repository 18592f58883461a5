import type { FeedEvent } from '../../live/feed/feed-states.js';
import type { Replay } from '../replay/replay-recording.js';

/** An event as one line: its number, when it was, who took it, what it was and where it led. */
export function eventLine({ s, t, a, e, from, to, guard, data }: FeedEvent): string {
  const asked = Object.entries(guard ?? {}).map(([name, holds]) => `${name} ${holds ? 'yes' : 'no'}`);
  const carried = Object.entries(data ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  const went = from === to || from === '' ? to : `${from} → ${to}`;
  const aside = [...asked, ...carried].join(', ');
  return `${String(s).padStart(6)}  ${timeText(t)}  ${a}  ${e}  ${went}${aside === '' ? '' : `  (${aside})`}`;
}

/** What is known of a recording, and where this version departs from it, line by line. */
export function summaryLines(replay: Replay, now: { readonly version: string }): string[] {
  const { recording, departures, departed, changedMachines } = replay;
  const { header, events, actors, gaps, cutOff } = recording;
  const seconds = ((events.t.at(-1) ?? 0) - (events.t[0] ?? 0)) / 1000;
  return [
    `${plural(events.length, 'event')} of ${plural(actors.length, 'actor')} in ${Number(seconds.toFixed(3))} s, recorded by ${header.madeBy} at ${new Date(header.epoch).toISOString()}`,
    ...(cutOff === undefined ? [] : [`it was cut off, and was read to its last whole line, at byte ${cutOff}`]),
    ...gaps.map(({ from, to, why }) => `events ${from} to ${to} were not recorded: ${why}`),
    ...(changedMachines.length === 0
      ? []
      : [`declared otherwise than when it was recorded: ${changedMachines.join(', ')}`]),
    ...departures.map(({ seq, t, text }) => `departs at event ${seq}, ${timeText(t).trim()}: ${text}`),
    ...(departed > departures.length ? [`and ${departed - departures.length} departures more`] : []),
    departed === 0
      ? `gatechart ${now.version} goes the same way`
      : `gatechart ${now.version} goes another way, ${departed === 1 ? 'once' : `${departed} times`}`,
  ];
}

/** Seconds since the recording began, to the thousandth. */
function timeText(t: number): string {
  return `${(t / 1000).toFixed(3).padStart(9)} s`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
