import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** Words that nobody can look up, as they stand inside identifiers, file names and comments, and what is said instead. */
const replacedWords: Readonly<Record<string, string>> = {
  seeker: 'pending request',
  flight: 'attempt',
  lane: 'connection, or queue where it is one',
  breach: 'protocol error',
  fate: 'outcome',
  carrier: 'transport, or connection',
  'go on': 'no-op result, as in `isNoOp`',
  'goes on': 'no-op result, as in `noOpResult`',
  'team event': 'root event',
};

/** What a newcomer cannot look up, and whose name is said instead. */
const replacedPhrases: Readonly<Record<string, string>> = {
  'the reference': 'ContextForge, or cpex, whichever is meant',
};

/** What stands on the wire under a name that others have given it. */
const givenNames: readonly string[] = ['CIRCUIT_HALF_OPEN_PROBE_IN_FLIGHT'];

/** What says nothing as the name of a file: everything may go in there. */
const emptyNames: readonly string[] = ['util', 'helper', 'common', 'misc'];

const mostLines = 250;

const files = ['machines', 'src'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join(folder, ...file.split(path.sep))),
);

it('files are named for what is in them', () => {
  const named = files.map((file) => [file, wordsOf(path.basename(file, '.ts')).map(singular)] as const);
  expect(named.filter(([, words]) => words.some((word) => emptyNames.includes(word))).map(([file]) => file)).toEqual(
    [],
  );
});

it(`no file that somebody writes has more than ${mostLines} lines`, () => {
  const written = files.filter((file) => !textOf(file).startsWith('// Generated from '));
  const lines = written.map((file) => [file, textOf(file).trimEnd().split('\n').length] as const);
  expect(lines.filter(([, count]) => count > mostLines)).toEqual([]);
});

it('names are words of the field, not of the house', () => {
  const found = files.flatMap((file) => [
    ...problemsIn(path.basename(file, '.ts')).map((problem) => `${file}: ${problem}`),
    ...textOf(file)
      .split('\n')
      .flatMap((line, index) => problemsIn(line).map((problem) => `${file}:${index + 1}: ${problem}`)),
  ]);
  expect(found).toEqual([]);
});

it.each([
  ['const seekers = new Set()', 'seekers: say pending request'],
  ['function startFlight(): void', 'startFlight: say attempt'],
  ['unix-lane', 'unix-lane: say connection, or queue where it is one'],
  ['/** Every breach ends it. */', 'breach: say protocol error'],
  ["import { goesOn } from './result.js'", 'goesOn: say no-op result, as in `noOpResult`'],
  ['interface HttpLinkParts {', 'HttpLinkParts: say HttpLinkDependencies'],
  ['// As in the reference.', 'the reference: say ContextForge, or cpex, whichever is meant'],
])('the word is found in %s', (text, problem) => {
  expect(problemsIn(text)).toEqual([problem]);
});

it.each([
  'what is in flight goes on',
  'inFlight: number',
  'plane, airplanes',
  'const parts = text.split()',
  'strictParts',
  'teamId',
  'carrierGradeNat',
  "code: 'CIRCUIT_HALF_OPEN_PROBE_IN_FLIGHT'",
])('nothing is found in %s', (text) => {
  expect(problemsIn(text)).toEqual([]);
});

function problemsIn(text: string): string[] {
  // "In flight" is plain English, `inFlight` counts what is, and carrier-grade NAT is what RFC 6598 calls it.
  const names = text.replaceAll(/in[ -]?flight|carrier-?grade/gi, '').match(/[\w$]+(?:-[\w$]+)*/g) ?? [];
  const phrases = Object.entries(replacedPhrases).filter(([phrase]) => text.toLowerCase().includes(phrase));
  return phrases.map(([phrase, instead]) => `${phrase}: say ${instead}`).concat(names.flatMap(problemsWith));
}

function problemsWith(name: string): string[] {
  if (givenNames.includes(name)) return [];
  const words = wordsOf(name).map(singular);
  const found = Object.entries(replacedWords).find(([word]) => ` ${words.join(' ')} `.includes(` ${word} `));
  if (found !== undefined) return [`${name}: say ${found[1]}`];
  return /^[A-Z]\w*Parts$/.test(name) ? [`${name}: say ${name.replace(/Parts$/, 'Dependencies')}`] : [];
}

/** The words of a name in camel, snake or kebab case. */
function wordsOf(name: string): string[] {
  return name
    .split(/[-_$]|(?<=[a-z\d])(?=[A-Z])/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** `breaches` and `lanes` are the same words; `goes` is another one. */
function singular(word: string): string {
  return word === 'goes' ? word : word.replace(/(?<=ch)es$|(?<!s)s$/, '');
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
