import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readHttpOptions } from '../../../src/gateway/http/http-options.js';

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
