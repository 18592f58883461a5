import { expect, it } from 'vitest';
import { SampleSource } from '../../fixtures/inspect/sample-source.js';
import { ServedSource } from '../../fixtures/inspect/served-source.js';
import { unicodeTerminal } from '../../fixtures/inspect/top-frames.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { cli, gatechart } from '../../fixtures/processes/processes.js';
import { startOnTerminal } from '../../fixtures/processes/terminals.js';
import { until } from '../../fixtures/waiting.js';

/** The sample behind a real inspector, with an event every 50 ms. */
async function served(): Promise<ServedSource> {
  const source = new SampleSource();
  const timer = setInterval(() => source.step(), 50);
  cleanups.push(async () => clearInterval(timer));
  return ServedSource.start(source);
}

it('prints one snapshot where there is no terminal, as text without colours', async () => {
  const { server } = await served();
  const { code, stdout, stderr } = await gatechart(['top', '--url', server.url()], { env: unicodeTerminal });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^gatechart top {2}support-gateway pid 41207 {3}live {2}3,104 ev\/s {2}read only/);
  expect(stdout).toContain('↻ github     try 3 of 5 failed, 4 calls wait');
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
});

it('prints JSON for programs', async () => {
  const { server } = await served();
  const { code, stdout } = await gatechart(['top', '--json', '--url', server.url()]);
  const told = JSON.parse(stdout) as { host: object; attention: object[]; actors: object[]; eventsPerSecond: number };
  expect(code).toBe(0);
  expect(told).toMatchObject({ host: { name: 'support-gateway' }, eventsPerSecond: 3104 });
  expect(told.attention).toHaveLength(4);
  expect(told.actors).toHaveLength(13);
});

it('takes the address from the environment, and says what it wants where there is none', async () => {
  const { server } = await served();
  const { code, stdout } = await gatechart(['top', '--json'], { env: { GATECHART_INSPECT_URL: server.url() } });
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { host: { name: 'support-gateway' } }]);
  const without = await gatechart(['top', '--json']);
  expect([without.code, without.stderr]).toEqual([
    2,
    'gatechart top needs the address that the inspected process has printed: --url, or GATECHART_INSPECT_URL.\n',
  ]);
});

it.each([
  ['an address without a token', 'http://127.0.0.1:1/', 'there is no token behind #t='],
  ['an address elsewhere', 'http://gateway.example/#t=abc', 'an inspector is on this machine'],
  ['an address where nothing listens', 'http://127.0.0.1:1/#t=abcdefgh', 'cannot be reached'],
])('refuses %s, and says why', async (_, url, said) => {
  const { code, stdout, stderr } = await gatechart(['top', '--url', url]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(said);
  expect(stderr).not.toMatch(/abcdefgh|\n\s+at /);
});

it('follows a process on a terminal, asks for what can happen next, and ends with the process', async () => {
  const { server } = await served();
  const terminal = await startOnTerminal(`node ${cli} top --url '${server.url()}'`, unicodeTerminal);
  await until('the first screen', () => terminal.written().includes('NEEDS ATTENTION'));
  terminal.type('jj\r');
  await until('what can happen next', () => terminal.written().includes('queueFull no, 4 of 100 wait'));
  await server.close();
  const written = await terminal.ended;
  expect(written).toMatch(/gatechart top: the process has ended: /);
  expect(written).toMatch(/ended with 0/);
});

it('leaves nothing behind that would keep it from ending when one quits', async () => {
  const { server } = await served();
  const terminal = await startOnTerminal(`node ${cli} top --url '${server.url()}'`, unicodeTerminal);
  await until('the first screen', () => terminal.written().includes('NEEDS ATTENTION'));
  terminal.type('q');
  expect(await terminal.ended).toMatch(/ended with 0/);
});
