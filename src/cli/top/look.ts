/** The 16 colours that a terminal's own palette has, by what they mean here. */
export type Tone = 'ready' | 'connecting' | 'reconnecting' | 'failed' | 'blocked' | 'modified' | 'quiet' | 'head';

/** What stands for what, in a set of characters that the terminal has. */
export type Glyph =
  | 'ready'
  | 'connecting'
  | 'reconnecting'
  | 'failed'
  | 'idle'
  | 'unknown'
  | 'plugin'
  | 'login'
  | 'passed'
  | 'modified'
  | 'blocked'
  | 'timedOut'
  | 'aborted'
  | 'skipped'
  | 'running'
  | 'background'
  | 'sorted'
  | 'chosen'
  | 'bar'
  | 'to'
  | 'cut'
  | 'lineReady'
  | 'lineConnecting'
  | 'lineReconnecting'
  | 'lineFailed'
  | 'lineIdle';

/** How this terminal can be written on. */
export interface Look {
  readonly glyphs: Readonly<Record<Glyph, string>>;
  readonly isAscii: boolean;
  readonly hasColour: boolean;
}

/** Part of a line, all of it in one look. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone | undefined;
  readonly isReversed?: boolean;
}

/** What stands in one row; the chosen one is in reverse video from end to end. */
export interface Line {
  readonly spans: readonly Span[];
  readonly isChosen?: boolean;
}

const unicode: Look['glyphs'] = {
  ready: '●',
  connecting: '◐',
  reconnecting: '↻',
  failed: '◆',
  idle: '○',
  unknown: '?',
  plugin: '⧗',
  login: '?',
  passed: '✓',
  modified: '▲',
  blocked: '■',
  timedOut: '⧗',
  aborted: '/',
  skipped: '-',
  running: '…',
  background: '…',
  sorted: '▲',
  chosen: '>',
  bar: '│',
  to: '→',
  cut: '…',
  lineReady: '─',
  lineConnecting: '▂',
  lineReconnecting: '▒',
  lineFailed: '█',
  lineIdle: '·',
};

const ascii: Look['glyphs'] = {
  ...unicode,
  ready: '*',
  connecting: 'o',
  reconnecting: '~',
  failed: '#',
  idle: '-',
  plugin: '!',
  passed: '+',
  modified: '^',
  blocked: 'X',
  timedOut: 'T',
  running: '.',
  background: '.',
  sorted: '^',
  bar: '|',
  to: '>',
  cut: '~',
  lineReady: '-',
  lineConnecting: '_',
  lineReconnecting: '%',
  lineFailed: '#',
  lineIdle: '.',
};

/** Reads from the environment what the terminal can show: `NO_COLOR`, `TERM`, and the locale. */
export function lookOf(env: NodeJS.ProcessEnv): Look {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  // The fonts of consoles have no such characters, whatever the locale says.
  const isPoor = /^(?:linux|vt\d+|dumb|ansi|cons\d*)/.test(env['TERM'] ?? '');
  const isAscii = isPoor || !/utf-?8/i.test(locale ?? '');
  const hasColour = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' && !/^vt\d+/.test(env['TERM'] ?? '');
  return { glyphs: isAscii ? ascii : unicode, isAscii, hasColour };
}
