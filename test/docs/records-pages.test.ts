import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ArgumentsHash } from '../../src/gateway/audit/arguments-hash.js';
import { auditLine } from '../../src/gateway/audit/audit-line.js';
import { callBuckets, hookBuckets, measureNames, measures, mostValues } from '../../src/observability/measures.js';
import { labelName, metricName } from '../../src/prometheus/metric-names.js';
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

it('the page on metrics has every figure by both of its names, with its labels', () => {
  const rows = [...metrics.matchAll(/^\| `((?:mcp|gatechart)_\w+)` \| `([\w.]+)` \| (\w+) \| (.*?) ?\| (.*) \|$/gm)];
  const onPage = rows.map(([, metric, name, kind, labels = '', help]) => {
    return { metric, name, kind, help, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label) };
  });
  const kinds = { duration: 'histogram', count: 'counter', total: 'counter', gauge: 'gauge' } as const;
  const known = measureNames.map((name) => {
    const { kind, attributes, help } = measures[name];
    return { metric: metricName(name), name, kind: kinds[kind], help, labels: attributes.map(labelName) };
  });
  expect(onPage).toEqual(known);
});

it('the page on metrics has the buckets and the limits', () => {
  expect(metrics).toContain(`the buckets ${callBuckets.join(', ')}.`);
  expect(metrics).toContain(`the buckets ${hookBuckets.join(', ')}.`);
  const { tools, servers, plugins, errors, hooks, codes, methods } = mostValues;
  const limits = `${tools} tools, ${servers} servers, ${plugins} plugins and connections, ${errors} errors, ${hooks} hooks, ${codes} codes of violations and ${methods} methods`;
  expect(metrics).toContain(`Beyond ${limits} a value is \`other\`.`);
});
