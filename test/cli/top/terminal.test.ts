import { expect, it } from 'vitest';
import { type OnTerminal, startOnTerminal } from '../../fixtures/processes/terminals.js';
import { unicodeTerminal } from '../../fixtures/inspect/top-frames.js';
import { until } from '../../fixtures/waiting.js';

const escape = '\u001b';
const entered = `${escape}[?1049h${escape}[?25l${escape}[?7l`;
const left = `${escape}[0m${escape}[?7h${escape}[?25h${escape}[?1049l`;

async function startTop(suffers = ''): Promise<OnTerminal & { readonly pid: () => number }> {
  const program = `node --import tsx test/fixtures/inspect/sample-top.ts ${suffers}`;
  const terminal = await startOnTerminal(program, { ...unicodeTerminal, TZ: 'UTC' });
  await until('the first screen', () => terminal.written().includes('NEEDS ATTENTION'));
  return { ...terminal, pid: () => Number(/pid (\d+)\r/.exec(terminal.written())?.[1]) };
}

/** The exit code, once the terminal is known to be as it was. */
function codeOf(written: string): number {
  const settings = [...written.matchAll(/^[0-9a-f]+(?::[0-9a-f]+){10,}/gm)].map(([setting]) => setting);
  expect(settings).toHaveLength(2);
  expect(settings[1]).toBe(settings[0]);
  expect(written.indexOf(entered)).toBeGreaterThan(0);
  expect(written.lastIndexOf(left)).toBeGreaterThan(written.lastIndexOf(entered));
  expect(written.slice(written.lastIndexOf(left) + left.length)).not.toContain(`${escape}[?`);
  return Number(/ended with (\d+)/.exec(written)?.[1]);
}

it('draws what has changed, in one write, and quits with q', async () => {
  const top = await startTop();
  const begin = `${escape}[?2026h`;
  const first = top.written().length;
  await until('some drawings', () => top.written().slice(first).split(begin).length > 4);
  const drawings = top.written().slice(first).split(begin).slice(1, -1);
  for (const drawing of drawings) {
    expect(drawing.endsWith(`${escape}[?2026l`)).toBe(true);
    // The names of the plugins stand still.
    expect(drawing).not.toContain('NEEDS ATTENTION');
  }
  top.type('q');
  expect(codeOf(await top.ended)).toBe(0);
});

it('sorts at once, and draws anew when the terminal has another size', async () => {
  const top = await startTop();
  top.type('s');
  await until('the mark of the other column', () => top.written().includes('STATE ▲'));
  await top.resize(130, 30);
  await until('what is chosen beside the table', () => top.written().includes('> jira'));
  top.type('\r');
  top.type('\u0003');
  expect(codeOf(await top.ended)).toBe(0);
});

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('leaves the terminal as it was on %s', async (signal, code) => {
  const top = await startTop();
  process.kill(top.pid(), signal);
  expect(codeOf(await top.ended)).toBe(code);
});

it.each([
  ['the feed is lost', 'lost', 1, 'gatechart top: the feed was cut off'],
  ['the process ends', 'bye', 0, 'gatechart top: the process has ended: manager closed'],
  ['it crashes', 'crash', 1, 'SyntaxError'],
])('leaves the terminal as it was when %s, and says why after', async (_, suffers, code, said) => {
  const written = await (await startTop(suffers)).ended;
  expect(codeOf(written)).toBe(code);
  expect(written.slice(written.lastIndexOf(left))).toContain(said);
});
