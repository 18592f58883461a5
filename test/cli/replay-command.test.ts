import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replay, type ReplayCommand } from '../../src/cli/replay.js';
import { createRecorder, type Recorder } from '../../src/inspect/index.js';
import { ConnectionWorld } from '../models/connection-world.js';
import { repository } from '../fixtures/manager/managers.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-replay-'));
afterAll(() => rmSync(folder, { recursive: true }), 60_000);
const file = join(folder, 'incident.jsonl');

beforeAll(async () => {
  let recorder: Recorder | undefined;
  const world = new ConnectionWorld({}, { recorderOf: (clock) => (recorder = createRecorder({ file, clock })) });
  world.call();
  await world.clock.run(6_000);
  world.fault({ on: 'open', behaviour: { kind: 'rejects', afterMs: 10 }, times: 1 });
  world.fault({ on: 'link' });
  await world.clock.run(6_000);
  await world.end();
  await recorder?.close();
});

async function run(command: ReplayCommand, input: string[] = [], path = file) {
  const out = { stdout: '', stderr: '' };
  const stdin = new PassThrough();
  stdin.end(input.join('\n'));
  const code = await replay(path, command, {
    stdin,
    stdout: { write: (text) => (out.stdout += text) },
    stderr: { write: (text) => (out.stderr += text) },
    env: {},
    signals: process,
  });
  return { ...out, code, lines: out.stdout.trimEnd().split('\n') };
}

describe('gatechart replay', () => {
  it('prints each event, and that it goes the same way', async () => {
    const { code, lines } = await run({});
    expect(code).toBe(0);
    expect(lines[0]).toBe('     1      0.000 s  connection:world  starts  idle.empty');
    expect(lines.find((line) => line.includes('openLink failed'))).toMatch(
      / 6\.010 s {2}connection:world {2}openLink failed {2}connecting → reconnecting\.releasing {2}\(.*attemptsLeft yes/,
    );
    expect(lines.at(-1)).toMatch(/^gatechart [\d.]+ goes the same way$/);
  });

  it('stops at an event, a time or a state, and goes step by step', async () => {
    const events = ({ lines }: { lines: string[] }) => lines.filter((line) => /^ *\d+ {2}/.test(line));
    expect(events(await run({ to: '3' })).length).toBe(3);
    expect(events(await run({ to: '6.005s' })).at(-1)).toContain('6.000 s');
    expect(events(await run({ until: 'connection:world=ready' })).at(-1)).toContain('connecting → ready.settling');
    expect(events(await run({ step: true }, ['', '', 'q'])).length).toBe(3);
    expect(JSON.parse((await run({ json: true, to: '1' })).lines[0] ?? '')).toMatchObject({
      s: 1,
      a: 'connection:world',
      to: 'idle.empty',
    });
  });

  it.each([
    [{ to: '0' }, '--to 0: the recording has the events 1 to '],
    [{ to: 'soon' }, '--to soon: expected the number of an event, a time like 12.5s or 800ms, or a moment'],
    [{ until: 'connection:world' }, '--until connection:world: expected an actor and a state'],
    [{ until: 'connection:x=ready' }, 'there is no actor "connection:x"; there are connection:world'],
    [{ until: 'connection:world=parked' }, 'connection:world never comes to parked in this recording'],
    [{ inspect: 'here' }, '--inspect here: expected a port from 0 to 65535'],
    [{ toTest: '/nowhere/a.test.ts' }, '--to-test /nowhere/a.test.ts: it cannot be written'],
  ] satisfies [ReplayCommand, string][])('says what is wrong with %j', async (command, message) => {
    const { code, stderr } = await run(command);
    expect(code).toBe(2);
    expect(stderr).toContain(`gatechart replay: ${message}`.slice(0, message.startsWith('--') ? undefined : 17));
    expect(stderr).toContain(message);
  });

  it('tells where this version departs, and exits with 1', async () => {
    const other = join(folder, 'other.jsonl');
    writeFileSync(other, readFileSync(file, 'utf8').replace('"timers":{"backoff":100}', '"timers":{"backoff":2000}'));
    const { code, lines } = await run({}, [], other);
    expect(code).toBe(1);
    expect(lines.at(-2)).toMatch(
      /^departs at event \d+, 6\.010 s: connection:world waited 2 s for "backoff", and this version waits 100 ms$/,
    );
    expect(lines.at(-1)).toMatch(/goes another way, once$/);
  });

  it('says which line of a file is none of a recording', async () => {
    const broken = join(folder, 'broken.jsonl');
    writeFileSync(broken, `${readFileSync(file, 'utf8')}what\n`);
    const { code, stderr } = await run({}, [], broken);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^gatechart replay: broken\.jsonl, line \d+: expected a line of JSON, found something else\n$/,
    );
  });
});

describe('a test that gatechart replay has written', () => {
  /** A project that has this gatechart installed. */
  function newProject(): string {
    const project = mkdtempSync(join(folder, 'project-'));
    const modules = join(project, 'node_modules');
    mkdirSync(join(modules, 'gatechart'), { recursive: true });
    for (const entry of readdirSync(join(repository, 'node_modules')))
      if (entry !== 'gatechart') symlinkSync(join(repository, 'node_modules', entry), join(modules, entry));
    cpSync(join(repository, 'dist'), join(modules, 'gatechart', 'dist'), {
      recursive: true,
      filter: (path) => !/\.(map|d\.ts|html)$/.test(path),
    });
    cpSync(join(repository, 'package.json'), join(modules, 'gatechart', 'package.json'));
    writeFileSync(join(project, 'package.json'), '{"type":"module"}');
    return project;
  }

  function vitestIn(project: string): { status: number | null; output: string } {
    const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--root', project], {
      cwd: project,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], NO_COLOR: '1' },
    });
    return { status, output: `${stdout}${stderr}` };
  }

  it('passes on the version that was recorded, and fails on one whose machines were changed', async () => {
    const project = newProject();
    const test = join(project, 'incident.test.ts');
    const { code, stdout } = await run({ toTest: test });
    expect([code, stdout]).toEqual([0, expect.stringContaining('incident.test.ts replays incident.jsonl')]);
    expect(vitestIn(project)).toMatchObject({ status: 0 });
    expect((await run({ toTest: test })).stderr).toContain('it cannot be written: it is there already\n');

    const declaration = join(project, 'node_modules/gatechart/dist/chunks/machines.js');
    const slower = readFileSync(declaration, 'utf8').replace(
      'reconnectDelayMs * attempt',
      'reconnectDelayMs * attempt * 1.2',
    );
    writeFileSync(declaration, slower);
    const { status, output } = vitestIn(project);
    expect(status).toBe(1);
    expect(output).toMatch(/connection:world waited 100 ms for .*backoff.*, and this version waits 120 ms/);
  }, 60_000);
});
