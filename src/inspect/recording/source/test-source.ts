import { basename } from 'node:path';
import type { Recording } from '../read/recording.js';
import { isShort } from './tape.js';

export interface TestSourceOptions {
  /** Number of the last event that is replayed; default: all. */
  readonly to?: number;
  /** The recording itself, where it stands in the test; else it lies beside it. */
  readonly text?: string;
}

/** What a test spells out of a recording; all else is held to it too, by its departures. */
const mostActors = 12;
const mostStates = 40;

/** A vitest file that replays a recording against the gatechart that is installed where it runs. */
export function testSource(recording: Recording, { to, text }: TestSourceOptions = {}): string {
  const file = basename(recording.file).replace(/[^\w.-]/g, '_');
  const from = text === undefined ? `file: new URL(${quoted(`./${file}`)}, import.meta.url)` : 'text: recording';
  const last = to === undefined || to >= recording.events.length ? '' : `, to: ${to}`;
  const expectations = statesThen(recording, to).map(
    ([id, states]) => `  expect(incident.states(${quoted(id)})).toEqual([${states.map(quoted).join(', ')}]);`,
  );
  return [
    `// What happened in ${file}, run again on the machines of the gatechart that is installed: made by gatechart replay --to-test.`,
    `import { expect, it } from 'vitest';`,
    `import { replayIncident } from 'gatechart/testing';`,
    ``,
    ...(text === undefined ? [] : embedded(text)),
    `it(${quoted(`goes the way that ${file} recorded`)}, async () => {`,
    `  const incident = await replayIncident({ ${from}${last} });`,
    `  expect(incident.departures).toEqual([]);`,
    ...expectations,
    `});`,
    ``,
  ].join('\n');
}

function embedded(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return [`const recording = [`, ...lines.map((line) => `  ${quoted(line)},`), `].join('\\n');`, ``];
}

/** The states of those that live long, as far as they are few enough to be read. */
function statesThen({ actors, events }: Recording, to = events.length): (readonly [id: string, states: string[]])[] {
  const states = new Map<number, string[]>();
  for (let place = 0; place < Math.min(to, events.length); place++) {
    const actor = events.actor[place] ?? 0;
    if (isShort(actors[actor]?.machine ?? '')) continue;
    const own = states.get(actor) ?? [];
    if (own.at(-1) !== events.stepAt(place).to) own.push(events.stepAt(place).to);
    states.set(actor, own);
  }
  return [...states]
    .filter(([, own]) => own.length > 1 && own.length <= mostStates)
    .slice(0, mostActors)
    .map(([actor, own]) => [actors[actor]?.id ?? '', own] as const);
}

/** A text as JavaScript has it, whatever is in it. */
function quoted(text: string): string {
  return `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(/[\u2028\u2029\u007f-\u009f]/g, escaped)}'`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
