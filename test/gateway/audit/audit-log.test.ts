import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createAudit } from '../../../src/gateway/audit/create-audit.js';
import { RecordingLogger } from '../../../src/testing/recording-logger.js';
import { callRecord } from '../../fixtures/gateway/call-records.js';
import { temporaryFolder } from '../../fixtures/gateway/temporary-folder.js';
import { eventually, rejection } from '../../fixtures/waiting.js';

const logger = new RecordingLogger();

function idsIn(folder: string, named = /^audit\.jsonl(?!\.key)/): string[] {
  const files = readdirSync(folder).filter((name) => named.test(name));
  return files.flatMap((name) => idsOf(join(folder, name)));
}

function idsOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line).request_id);
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('folder, log and key are for nobody but the user', async () => {
  const folder = join(temporaryFolder(), 'deep', 'er');
  const audit = await createAudit({ file: join(folder, 'audit.jsonl'), logger });
  await audit.close();
  expect([folder, audit.file, `${audit.file}.key`].map(modeOf)).toEqual([0o700, 0o600, 0o600]);
});

test('a line is written after the turn in which its call was answered, with the others of that turn', async () => {
  const folder = temporaryFolder();
  const handle = await open(join(folder, 'any'), 'a');
  const written = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'appendFile');
  await handle.close();
  const audit = await createAudit({ file: join(folder, 'audit.jsonl'), logger });
  written.mockClear();
  audit.record(callRecord({ requestId: 'a' }));
  for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  audit.record(callRecord({ requestId: 'b' }));
  expect(written).not.toHaveBeenCalled();
  await setImmediate();
  await audit.close();
  expect(written).toHaveBeenCalledTimes(1);
  expect(idsIn(folder)).toEqual(['a', 'b']);
  written.mockRestore();
});

test('two processes that write one log under load rotate it, and no line is lost', async () => {
  const folder = temporaryFolder();
  const options = { file: join(folder, 'audit.jsonl'), maxBytes: 20_000, keep: 1_000, logger };
  const audits = await Promise.all([createAudit(options), createAudit(options)]);
  const asked: string[] = [];
  for (let turn = 0; turn < 40; turn++) {
    for (const [index, audit] of audits.entries()) {
      for (let line = 0; line < 20; line++) {
        const requestId = `${index}-${turn}-${line}`;
        asked.push(requestId);
        audit.record(callRecord({ requestId }));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(audits.map((audit) => audit.close()));
  expect(idsIn(folder).toSorted()).toEqual(asked.toSorted());
  expect(readdirSync(folder).length).toBeGreaterThan(5);
  expect(audits.map(({ dropped }) => dropped)).toEqual([0, 0]);
});

test('what another process has begun is not set aside once more', async () => {
  const folder = temporaryFolder();
  const options = { file: join(folder, 'audit.jsonl'), maxBytes: 600, logger };
  const [one, other] = [await createAudit(options), await createAudit(options)];
  for (let line = 0; line < 3; line++) one.record(callRecord());
  const aside = () => readdirSync(folder).filter((name) => /Z-[\da-f]{6}$/.test(name));
  await eventually('it is set aside', () => aside().length === 1);
  await one.close();
  other.record(callRecord());
  await other.close();
  expect(aside()).toHaveLength(1);
});

test('the newest of what was set aside is kept', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'audit.jsonl.mine'), '');
  const audit = await createAudit({ file: join(folder, 'audit.jsonl'), maxBytes: 1, keep: 2, logger });
  for (let line = 0; line < 6; line++) {
    audit.record(callRecord({ requestId: String(line) }));
    const asideOf = () => readdirSync(folder).filter((name) => /Z-[\da-f]{6}$/.test(name));
    const most = Math.min(line + 1, 2);
    await eventually('a line is set aside', () => asideOf().length === most && statSync(audit.file).size === 0);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await audit.close();
  expect(idsIn(folder, /Z-[\da-f]{6}$/)).toEqual(['4', '5']);
  expect(readdirSync(folder)).toContain('audit.jsonl.mine');
});

test('after somebody has moved it, the log is begun again, and every line is in one of the two', async () => {
  const folder = temporaryFolder();
  const audit = await createAudit({ file: join(folder, 'audit.jsonl'), logger });
  audit.record(callRecord({ requestId: 'before' }));
  renameSync(audit.file, join(folder, 'moved'));
  audit.record(callRecord({ requestId: 'between' }));
  await audit.reopen();
  audit.record(callRecord({ requestId: 'after' }));
  await audit.close();
  expect(idsOf(join(folder, 'moved'))).toEqual(['before', 'between']);
  expect(idsOf(audit.file)).toEqual(['after']);
});

test('where the log cannot be opened again, the old one is written on', async () => {
  const folder = join(temporaryFolder(), 'logs');
  const heard = new RecordingLogger();
  const audit = await createAudit({ file: join(folder, 'audit.jsonl'), logger: heard });
  renameSync(folder, `${folder}.old`);
  writeFileSync(folder, '');
  await audit.reopen();
  audit.record(callRecord({ requestId: 'after' }));
  await audit.close();
  expect(idsOf(join(`${folder}.old`, 'audit.jsonl'))).toEqual(['after']);
  expect(heard.lines('warn')).toEqual([expect.stringMatching(/could not be opened again.*ENOTDIR/)]);
});

test('a full disk costs lines, which are counted, and told once; no call notices', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'audit.jsonl');
  symlinkSync('/dev/full', file);
  const heard = new RecordingLogger();
  const audit = await createAudit({ file, logger: heard });
  audit.record(callRecord());
  await eventually('the first line is lost', () => audit.dropped === 1);
  for (let line = 0; line < 5; line++) audit.record(callRecord());
  await eventually('the others are lost', () => audit.dropped === 6);
  expect(heard.lines('error')).toEqual([expect.stringMatching(/^lines of the audit log are lost: .*ENOSPC/)]);
  rmSync(file);
  await audit.reopen();
  audit.record(callRecord({ requestId: 'after' }));
  await audit.close();
  expect(idsOf(file)).toEqual(['after']);
  expect(heard.lines('warn')).toEqual(['the audit log is written again; 6 lines were lost']);
});

test('what waits for the disk is bounded', async () => {
  const audit = await createAudit({ file: join(temporaryFolder(), 'audit.jsonl'), maxWaitingBytes: 1_000, logger });
  for (let line = 0; line < 100; line++) audit.record(callRecord());
  expect(audit.dropped).toBeGreaterThan(90);
  const { dropped } = audit;
  await audit.close();
  expect(idsOf(audit.file)).toHaveLength(100 - dropped);
  audit.record(callRecord());
  expect(audit.dropped).toBe(dropped + 1);
});

test('a hash stays the same over restarts, and is another one for whoever has another key', async () => {
  const request = { server: 's', method: 'tools/call' as const, params: { name: 't', arguments: { b: 1, a: [2] } } };
  const turned = { ...request, params: { name: 't', arguments: { a: [2], b: 1 } } };
  const hashes = [];
  const folder = temporaryFolder();
  for (const [file, asked] of [
    ['one', request],
    ['one', turned],
    ['two', request],
  ] as const) {
    const audit = await createAudit({ file: join(folder, file), logger });
    audit.record(callRecord({ request: asked }));
    await audit.close();
    hashes.push(JSON.parse(readFileSync(audit.file, 'utf8').trim().split('\n').at(-1) ?? '').args_hash);
  }
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[2]).not.toBe(hashes[0]);
});

test.each([
  [
    'a folder that is a file',
    (folder: string) => writeFileSync(join(folder, 'logs'), ''),
    /logs\/?.* cannot be written: .*logs is no folder; give another file$/,
  ],
  ['a key that others can read', (folder: string) => keyOf(folder, '0'.repeat(64), 0o644), /others have rights to it/],
  ['a key that is none', (folder: string) => keyOf(folder, 'secret', 0o600), /expected 64 hexadecimal digits/],
])('%s is an error that says so', async (_what, prepare, message) => {
  const folder = temporaryFolder();
  prepare(folder);
  const error = await rejection(createAudit({ file: join(folder, 'logs', 'audit.jsonl'), logger }));
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) });
  expect(String(error)).not.toContain('secret');
});

function keyOf(folder: string, text: string, mode: number): void {
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  writeFileSync(join(logs, 'audit.jsonl.key'), text);
  chmodSync(join(logs, 'audit.jsonl.key'), mode);
}
