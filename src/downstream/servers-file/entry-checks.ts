import { errorAt, type Path, warningAt } from '../../config/problem.js';
import { asList, asRecord, type Written } from '../../config/written.js';
import type { EntryContext } from './entry-context.js';
import { asksForNothing } from './key-rules.js';
import { readServerUrl } from './server-url.js';

/** Keys of which one says what the other says, by another client's name. */
const synonyms = [
  ['type', 'transport', 'transportType'],
  ['connectTimeout', 'connectionTimeout'],
  ['timeout', 'requestTimeout'],
] as const;

const durations = ['connectTimeout', 'connectionTimeout', 'timeout', 'requestTimeout', 'idleTimeout'] as const;

/** Keys that mean something to one kind of server only. */
const ofCommands = ['args', 'env', 'envFile', 'cwd'] as const;
const ofUrls = ['headers', 'oauth', 'forwardHeaders'] as const;

/** What has to hold between keys, and inside those whose shape alone says too little. */
export function checkEntry(entry: Written, context: EntryContext): void {
  const { path, report } = context;
  for (const names of synonyms) {
    const [first, ...others] = names.filter((key) => entry[key] !== undefined);
    const other = others.find((key) => first !== undefined && entry[key] !== entry[first]);
    if (other === undefined) continue;
    report(errorAt([...path, other], `says something else than \`${first}\`; give one of the two`, 'key'));
  }
  for (const key of durations) {
    const value = typeof entry[key] === 'boolean' ? Number.NaN : Number(entry[key]);
    if (!(value >= 1 && value < 1_000)) continue;
    const message = `these are ${value} milliseconds; if seconds are meant, write ${value * 1_000}`;
    report(warningAt([...path, key], message, 'value'));
  }
  checkReach(entry, context);
  checkProcess(entry, context);
  checkRoots(entry, context);
  if (entry['isolation'] === 'per-call' && entry['idleTimeout'] !== undefined) {
    const message = 'has no effect with `isolation: per-call`; a session ends with its call';
    report(warningAt([...path, 'idleTimeout'], message));
  }
  const { protocol } = entry;
  if (typeof protocol === 'string' && protocol !== 'legacy') {
    const isKnown = protocol === 'auto' || protocol === '2026-07-28';
    const message = isKnown ? 'is not supported yet' : 'is not known';
    report(errorAt([...path, 'protocol'], (found) => `${found} ${message}; expected legacy, or leave it out`));
  }
}

function checkReach(entry: Written, { path, report }: EntryContext): void {
  const hasCommand = entry['command'] !== undefined;
  const hasUrl = entry['url'] !== undefined;
  if (hasCommand === hasUrl) {
    const found = hasCommand ? 'both' : 'neither';
    report(errorAt(path, `expected either \`command\` or \`url\`, found ${found}`));
    return;
  }
  const { url } = entry;
  if (typeof url === 'string' && url.trim() !== '') readServerUrl(url, [...path, 'url'], report);
  const type = entry['type'] ?? entry['transport'] ?? entry['transportType'];
  if (typeof type === 'string' && (type === 'stdio') !== hasCommand) {
    const message = hasCommand
      ? 'a server with `command` is reached over stdio'
      : 'a server with `url` is not reached over stdio';
    report(
      errorAt(
        [...path, ['type', 'transport', 'transportType'].find((key) => entry[key] !== undefined) ?? 'type'],
        message,
      ),
    );
  }
  for (const key of hasCommand ? ofUrls : ofCommands) {
    const value = entry[key];
    if (value === undefined || asksForNothing(value)) continue;
    report(warningAt([...path, key], `has no effect for a server with \`${hasCommand ? 'command' : 'url'}\``));
  }
}

function checkProcess(entry: Written, { path, report }: EntryContext): void {
  const texts: [Path, unknown][] = [
    [['command'], entry['command']],
    [['cwd'], entry['cwd']],
    ...asList(entry['args']).map((value, index): [Path, unknown] => [['args', index], value]),
    ...Object.entries(asRecord(entry['env'])).map(([name, value]): [Path, unknown] => [['env', name], value]),
  ];
  for (const [at, value] of texts) {
    if (typeof value === 'string' && value.includes('\0')) {
      report(errorAt([...path, ...at], 'expected text without null characters, found one'));
    }
  }
  for (const name of Object.keys(asRecord(entry['env']))) {
    if (name.trim() === '' || /[=\0]/.test(name)) {
      report(errorAt([...path, 'env', name], 'expected the name of a variable, without `=`', 'key'));
    }
  }
}

function checkRoots(entry: Written, { path, report }: EntryContext): void {
  for (const [index, root] of asList(entry['roots']).entries()) {
    const { uri } = asRecord(root);
    if (typeof uri !== 'string' || uri === '') continue;
    if (!/^file:\/\/\//i.test(uri) || !URL.canParse(uri)) {
      report(errorAt([...path, 'roots', index, 'uri'], 'expected a URI that starts with file:///'));
    }
  }
}
