import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ArgumentsHash } from '../../src/gateway/audit/arguments-hash.js';
import { auditLine } from '../../src/gateway/audit/audit-line.js';
import { metricTable, mostValues } from '../../src/gateway/metrics/metric-table.js';
import { durationBuckets } from '../../src/observability/mcp-telemetry.js';
import { callRecord } from '../fixtures/gateway/call-records.js';

const audit = readFileSync('docs/reference/audit.md', 'utf8');
const metrics = readFileSync('docs/reference/metrics.md', 'utf8');

it('the page on audits has the fields of a line, in their order', () => {
  const line: object = JSON.parse(auditLine(callRecord(), 0, new ArgumentsHash()));
  const [example = ''] = /(?<=```json\n).*/.exec(audit) ?? [];
  const rows = [...audit.matchAll(/^\| `(\w+)` \|/gm)].map(([, field]) => field);
  expect(Object.keys(JSON.parse(example))).toEqual(Object.keys(line));
  expect(rows.slice(0, Object.keys(line).length)).toEqual(Object.keys(line));
});

it('the page on metrics has every metric with its labels', () => {
  const rows = [...metrics.matchAll(/^\| `((?:mcp|gatechart)_\w+)` \| (.*?) ?\| (.*) \|$/gm)];
  const onPage = Object.fromEntries(
    rows.map(([, name = '', labels = '', help = '']) => [
      name,
      { help, labelNames: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label) },
    ]),
  );
  expect(onPage).toEqual(metricTable);
  expect(metrics).toContain(`the buckets ${durationBuckets.join(', ')}.`);
  const { tools, servers, errors, methods } = mostValues;
  expect(metrics).toContain(
    `Beyond ${tools} tools, ${servers} servers, ${errors} errors and ${methods} methods a value is \`other\`.`,
  );
});
