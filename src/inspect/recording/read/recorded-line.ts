import { shownPath } from '../../../config/source/shown-path.js';
import { GatechartError } from '../../../errors.js';
import { describeValue } from '../../../json/described-value.js';
import { isPlainObject } from '../../../json/records.js';
import { repeatedKeyIn } from '../../../json/repeated-key.js';
import {
  type ActorLine,
  type EndLine,
  type EventLine,
  type GapLine,
  type RecordingHeader,
  type LifeLine,
  type PathLine,
  recordingVersion,
  type StartLine,
} from '../recording-format.js';

/** A line of a recording, with what kind it is. */
export type RecordedLine =
  | { readonly kind: 'header'; readonly line: RecordingHeader }
  | { readonly kind: 'start'; readonly line: StartLine }
  | { readonly kind: 'path'; readonly line: PathLine }
  | { readonly kind: 'actor'; readonly line: ActorLine }
  | { readonly kind: 'event'; readonly line: EventLine }
  | { readonly kind: 'life'; readonly line: LifeLine }
  | { readonly kind: 'gap'; readonly line: GapLine }
  | { readonly kind: 'end'; readonly line: EndLine };

type Kind = RecordedLine['kind'];
type Check = (value: unknown) => boolean;
type Field = readonly [expected: string, check: Check, optional?: 'optional'];

const whole: Field = ['a whole number from 0', (value) => Number.isSafeInteger(value) && Number(value) >= 0];
const finite: Field = ['a number', (value) => typeof value === 'number' && Number.isFinite(value)];
const moment: Field = [
  'a moment in milliseconds',
  (value) => !Number.isNaN(new Date(Number(value)).getTime()) && finite[1](value),
];
const text: Field = ['a text', (value) => typeof value === 'string'];
const any: Field = ['a value', () => true];
const event: Field = [
  'an event, an object with a type',
  (value) => isPlainObject(value) && typeof value['type'] === 'string',
];
const areWhole = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isSafeInteger);
const pairs: Field = ['pairs of whole numbers', (value) => areWhole(value) && value.length % 2 === 0];
const record = (expected: string, check: Check): Field => [
  expected,
  (value) => isPlainObject(value) && Object.values(value).every(check),
];
const optional = ([expected, check]: Field): Field => [expected, check, 'optional'];
const values = record('values by name', () => true);
const lists = record('lists by name', Array.isArray);
const numbers = record('numbers by name', (value) => typeof value === 'number');

const fields: Readonly<Record<Kind, Readonly<Record<string, Field>>>> = {
  header: {
    recording: [`${recordingVersion}, the version that is read here`, (value) => value === recordingVersion],
    madeBy: text,
    run: text,
    part: whole,
    epoch: moment,
    clock: finite,
    payloads: ['redacted or recorded', (value) => value === 'redacted' || value === 'recorded'],
    machines: record('texts by name', (value) => typeof value === 'string'),
  },
  start: { start: whole, machine: text, name: text, input: any },
  path: { path: whole, after: whole, e: event, to: text },
  actor: {
    actor: whole,
    id: text,
    machine: text,
    s: whole,
    t: whole,
    input: optional(any),
    snapshot: optional([
      'a state and a context',
      (value) => isPlainObject(value) && 'value' in value && 'context' in value,
    ]),
  },
  event: {
    n: whole,
    s: whole,
    t: whole,
    e: event,
    to: text,
    c: optional(values),
    asked: optional(lists),
    timers: optional(numbers),
  },
  life: {
    n: whole,
    i: optional(whole),
    k: optional(whole),
    s: whole,
    t: whole,
    p: whole,
    d: optional(pairs),
    q: optional(pairs),
  },
  gap: { gap: ['the numbers of two events', (value) => areWhole(value) && value.length === 2], why: text },
  end: { end: whole, t: whole },
};

/** What each kind is known by. */
const kinds: readonly (readonly [key: string, kind: Kind])[] = [
  ['recording', 'header'],
  ['start', 'start'],
  ['path', 'path'],
  ['actor', 'actor'],
  ['p', 'life'],
  ['n', 'event'],
  ['gap', 'gap'],
  ['end', 'end'],
];

/** @param place in messages, `incident.jsonl, line 12` @throws GatechartError RECORDING_INVALID */
export function readLine(written: string, place: string): RecordedLine {
  let line: unknown;
  try {
    line = JSON.parse(written);
  } catch {
    throw invalidLine(place, 'expected a line of JSON, found something else');
  }
  // What is written as JSON.stringify writes it has no key twice, and looking for one takes longer than all the rest.
  const repeated = JSON.stringify(line) === written ? undefined : repeatedKeyIn(written);
  if (repeated !== undefined)
    throw invalidLine(place, `${shownPath(repeated.path)}: found this key twice, expected it once`);
  if (!isPlainObject(line)) throw invalidLine(place, `expected an object, found ${describeValue(line)}`);
  const found = line;
  const kind = kinds.find(([key]) => key in found)?.[1];
  if (kind === undefined) {
    const expected = kinds.map(([key]) => key).join(', ');
    throw invalidLine(place, `expected an object with one of ${expected}, found none of them`);
  }
  checkFields(line, kind, place);
  return { kind, line } as unknown as RecordedLine;
}

export function invalidLine(place: string, problem: string): GatechartError {
  return new GatechartError('RECORDING_INVALID', `${place}: ${problem}`);
}

function checkFields(line: Readonly<Record<string, unknown>>, kind: Kind, place: string): void {
  const known = fields[kind];
  for (const [name, [expected, check, isOptional]] of Object.entries(known)) {
    const value = line[name];
    if (value === undefined && isOptional !== undefined) continue;
    if (value === undefined || !check(value))
      throw invalidLine(place, `${name}: expected ${expected}, found ${describeValue(value)}`);
  }
  for (const name of Object.keys(line)) {
    if (!Object.hasOwn(known, name)) throw invalidLine(place, `found the unknown field ${JSON.stringify(name)}`);
  }
}
