import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as gatewayTools from '../../src/gateway/faces/on-demand/gateway-tools.js';
import { gatechart } from '../fixtures/processes/processes.js';

const page = readFileSync('docs/reference/gateway.md', 'utf8');
const sections = new Map(
  page
    .split(/^##+ /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')), text]),
);

/** What stands in code in the first cell of each row. */
function named(section: string): string[] {
  const rows = [...(sections.get(section) ?? '').matchAll(/^\| (`[^|]*) \|/gm)];
  return rows.flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

it('the page of the gateway names every flag of gatechart serve, as its help does', async () => {
  const { stdout } = await gatechart(['serve', '--help']);
  const flags = [...stdout.matchAll(/^ {2}(-.*?)(?: {2,}|$)/gm)].flatMap(([, flag = '']) => flag.split(', '));
  expect(flags.length).toBeGreaterThan(10);
  expect(named('Command line').filter((name) => name.startsWith('-'))).toEqual(flags);
}, 20_000);

it('it names every code of a failure', () => {
  const source = readFileSync('src/gateway/call/call-failure.ts', 'utf8');
  const [, union = ''] = /type FailureCode =([^;]*);/.exec(source) ?? [];
  const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  expect(named('Failures')).toEqual(codes);
});

it('it names every tool of the on-demand face, with its parameters', () => {
  for (const { name, inputSchema } of Object.values(gatewayTools)) {
    const { agent_id: _agent, ...own } = Object(inputSchema).properties;
    expect(sections.has(`\`${name}\``)).toBe(true);
    if (Object.keys(own).length > 0) expect([name, named(`\`${name}\``)]).toEqual([name, Object.keys(own)]);
  }
});
