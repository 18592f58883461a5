import { expect, test } from 'vitest';
import { defineConfig, type ServersInput } from 'gatechart';
import { simulate } from 'gatechart/testing';
import { wordGuard } from './word-guard.js';

const config = defineConfig({
  plugins: [{ name: 'word guard', kind: 'word guard', hooks: ['tool_pre_invoke'], mode: 'enforce' }],
});
const servers: ServersInput = {
  mcpServers: {
    notes: { command: 'notes-server', replay: ['read_note'], tools: { allow: ['read_note', 'write_note'] } },
    mail: { type: 'http', url: 'https://mail.example.com/mcp', timeout: 5_000 },
  },
};
const rules = {
  agents: {
    writer: { allow: { servers: ['notes', 'mail'] } },
    reader: { allow: { servers: ['notes'] }, deny: { tools: { notes: ['write_note'] } } },
  },
};

test('whatever servers and networks do, every promise is kept', async () => {
  const kinds = { 'word guard': wordGuard(() => 'in time') };
  const report = await simulate({ config, kinds, servers, rules, seed: 7, seeds: 3, steps: 1_500 });
  expect(report.failure).toBeUndefined();
});

test('a check of your own is made after every step', async () => {
  const fewLinks = {
    name: 'few links',
    check: ({ linksOf }: { linksOf: (server: string) => number }) =>
      linksOf('notes') > 0 ? `notes has ${linksOf('notes')} links` : undefined,
  };
  const report = await simulate({ servers, seed: 7, steps: 500, invariants: [fewLinks] });
  expect(report.failure?.violation).toMatchObject({ invariant: 'few links', message: 'notes has 1 links' });
  // What is left of some hundred acts: a call, and the start of the server that it needs.
  expect(report.failure?.acts.length).toBeLessThan(4);
});
