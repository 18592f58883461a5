import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serveCommand } from '../../../src/cli/serve.js';
import { readHttpFile } from '../../../src/gateway/http/http-file.js';
import { readHttpOptions } from '../../../src/gateway/http/http-options.js';
import { folderWith } from '../../fixtures/manager/managers.js';

const page = readFileSync('docs/reference/gateway-http.md', 'utf8');
const oauth = { issuer: 'https://issuer.example', audience: 'https://gateway.example/mcp' };

it('the page names every option and limit, and no other', () => {
  const settings = readHttpOptions({ oauth });
  const known = [settings, settings.limits, settings.oauth ?? {}].flatMap((part) => Object.keys(part));
  const tables = [...page.matchAll(/^\| (?:option|limit).*\n\|[-|]+\n((?:\|.*\n)+)/gm)].map(([, rows = '']) => rows);
  const named = tables
    .join('')
    .split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(new Set(named)).toEqual(new Set(known));
});

it('the page shows what is told of a file that cannot be used', async () => {
  const folder = folderWith({ 'http.json': '{\n  "prot": 8443,\n  "rate": { "perSecond": 0 }\n}\n' });
  const command = { transport: 'http', http: join(folder, 'http.json') };
  const [, shown = ''] = /^```text\n([^]*?)^```$/m.exec(page) ?? [];
  const stderr = new PassThrough();
  const io = { env: { HOME: folder }, stdin: new PassThrough(), stdout: new PassThrough(), stderr };
  expect(await serveCommand(command, { ...io, signals: new EventEmitter() })).toBe(2);
  expect(String(stderr.read()).replaceAll(`${folder}/`, '')).toBe(shown);
});

it('the file that the page shows can be used', () => {
  const [, example = ''] = /^```json\n([^]*?)^```$/m.exec(page) ?? [];
  const options = readHttpFile(join(folderWith({ 'http.json': example }), 'http.json'), { KEY_PASSWORD: 'sesame' });
  expect(options).toMatchObject({
    port: 8443,
    tls: { keyfilePassword: 'sesame', certReqs: 2 },
    rate: { perSecond: 20 },
  });
});
