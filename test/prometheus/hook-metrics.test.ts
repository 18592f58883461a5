import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import {
  createManagerPool,
  definePlugin,
  type HookMeter,
  PluginViolationError,
  silentLogger,
} from '../../src/index.js';
import { measureNames, measures, mostValues } from '../../src/observability/measures.js';
import { createOpenTelemetry } from '../../src/opentelemetry/index.js';
import { createPrometheus, type Prometheus } from '../../src/prometheus/index.js';
import { labelsOf, metricName } from '../../src/prometheus/metric-names.js';
import { cleanups } from '../fixtures/cleanups.js';
import { readPrometheus } from '../fixtures/gateway/prometheus-text.js';
import { serveHost } from '../fixtures/hosting/served-plugins.js';
import { callTool, external, start, stdio } from '../fixtures/manager/managers.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

const hooks = ['tool_pre_invoke'];
const kinds = {
  passes: definePlugin({ hooks: { tool_pre_invoke: () => undefined } }),
  changes: definePlugin({ hooks: { tool_pre_invoke: () => ({ modifiedPayload: { name: 'other' } }) } }),
  blocks: definePlugin({
    hooks: {
      tool_pre_invoke: ({ name }) => {
        if (name === 'fail') throw new Error('out of order');
        if (name === 'hang') return new Promise(() => {});
        if (name !== 'block') return undefined;
        return { continueProcessing: false, violation: { reason: 'r', description: 'd', code: 'NO' } };
      },
    },
  }),
};
const settings = { plugin_settings: { plugin_timeout: 0.2 } };
const entries = (...names: (keyof typeof kinds)[]) => ({
  plugins: names.map((name) => ({ name, kind: name, hooks })),
  ...settings,
});

async function read(prometheus: Prometheus) {
  return readPrometheus((await prometheus.page()).text);
}

describe('what plugins do', () => {
  it('is counted by hook and decision, by plugin and how it ended, and by the code of a violation', async () => {
    const metrics = await createPrometheus();
    const manager = await start({ kinds, config: entries('passes', 'blocks'), metrics });
    for (const name of ['t', 't', 'block', 'fail', 'hang']) await callTool(manager, name).catch(() => undefined);
    const controller = new AbortController();
    const cancelled = callTool(manager, 'hang', {}, { signal: controller.signal }).catch(() => undefined);
    controller.abort();
    await cancelled;
    const told = await read(metrics);
    const hook = (decision: string) =>
      told.value('gatechart_hook_duration_seconds_count', { hook: 'tool_pre_invoke', decision });
    expect(['allow', 'deny', 'error', 'timeout', 'cancel', 'modify'].map(hook)).toEqual([2, 1, 1, 1, 1, undefined]);
    const plugin = (name: string, status: string) =>
      told.value('gatechart_plugin_duration_seconds_count', { plugin: name, status });
    expect(plugin('passes', 'ok')).toBe(6);
    expect(['ok', 'violation', 'error', 'timeout', 'cancelled'].map((status) => plugin('blocks', status))).toEqual([
      2, 1, 1, 1, 1,
    ]);
    expect(told.value('gatechart_plugin_violations_total', { plugin: 'blocks', code: 'NO' })).toBe(1);
    const slow = told.value('gatechart_plugin_duration_seconds_sum', { plugin: 'blocks', status: 'timeout' });
    expect(slow).toBeGreaterThan(0.15);
    expect(slow).toBeLessThan(5);
  });

  it.each(['concurrent', 'fire_and_forget'])('is counted in mode %s too', async (mode) => {
    const metrics = await createPrometheus();
    const plugins = [{ name: 'P', kind: 'passes', hooks, mode }];
    const manager = await start({ kinds, config: { plugins }, metrics });
    await (await callTool(manager, 't')).background;
    const told = await read(metrics);
    expect(told.value('gatechart_plugin_duration_seconds_count', { plugin: 'P', status: 'ok' })).toBe(1);
  });

  it.each(['block', 'raise'])('counts the violation of a plugin that runs after the answer (%s)', async (how) => {
    const metrics = await createPrometheus();
    const violation = { reason: 'r', description: 'd', code: 'LATE' };
    const late = definePlugin({
      hooks: {
        tool_pre_invoke: () => {
          if (how === 'raise') throw new PluginViolationError('tool_pre_invoke', 'P', violation);
          return { continueProcessing: false, violation };
        },
      },
    });
    const plugins = [{ name: 'P', kind: 'late', hooks, mode: 'fire_and_forget' as const }];
    const manager = await start({ kinds: { late }, config: { plugins }, metrics });
    expect(await (await callTool(manager, 't')).background).toMatchObject([{ status: 'completed' }]);
    const told = await read(metrics);
    expect(told.value('gatechart_plugin_duration_seconds_count', { plugin: 'P', status: 'violation' })).toBe(1);
    expect(told.value('gatechart_plugin_violations_total', { plugin: 'P', code: 'LATE' })).toBe(1);
  });

  it('is counted as cancelled where others have decided meanwhile', async () => {
    const metrics = await createPrometheus();
    const plugins = ['one', 'two'].map((name) => ({ name, kind: name, hooks, mode: 'concurrent' as const }));
    const hangs = definePlugin({ hooks: { tool_pre_invoke: () => new Promise<undefined>(() => {}) } });
    const manager = await start({ kinds: { one: hangs, two: kinds.blocks }, config: { plugins }, metrics });
    await callTool(manager, 'block');
    const told = await read(metrics);
    const name = 'gatechart_plugin_duration_seconds_count';
    expect(told.value(name, { plugin: 'one', status: 'cancelled' })).toBe(1);
    expect(told.value(name, { plugin: 'two', status: 'violation' })).toBe(1);
  });

  it('is counted together where a registry is shared with the rest of a program', async () => {
    const registry = new Registry();
    const metrics = await createPrometheus({ registry });
    for (const _ of [1, 2]) await callTool(await start({ kinds, config: entries('changes'), metrics }), 't');
    const told = readPrometheus(await registry.metrics());
    const labels = { hook: 'tool_pre_invoke', decision: 'modify' };
    expect(told.value('gatechart_hook_duration_seconds_count', labels)).toBe(2);
    expect(told.value('gatechart_plugin_state', { plugin: 'changes', state: 'running.enabled' })).toBe(2);
    await expect(createPrometheus({ registry })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('gatechart_hook_duration_seconds'),
    });
  });

  it('is counted by whoever a program gives, whose faults are logged', async () => {
    const logger = recordingLogger();
    const fail = () => {
      throw new Error('no meter');
    };
    const metrics: HookMeter = { hookEnded: fail, pluginEnded: fail, watchManager: fail };
    const manager = await start({ kinds, config: entries('changes'), metrics, logger });
    expect((await callTool(manager, 't')).modifiedPayload).toEqual({ name: 'other' });
    expect(logger.lines.map(({ message }) => message)).toContain('the meter failed: no meter');
  });
});

describe('states and queues', () => {
  it('are those of the moment in which somebody looks, and gone with their manager', async () => {
    const metrics = await createPrometheus();
    const manager = await start({ config: external(stdio()), metrics });
    await callTool(manager, 'echo');
    const told = await read(metrics);
    const [status] = manager.connections;
    expect(told.value('gatechart_connection_state', { connection: 'Guard', state: status?.state ?? '' })).toBe(1);
    expect(told.value('gatechart_connection_calls_running', { connection: 'Guard' })).toBe(0);
    expect(told.value('gatechart_connection_calls_waiting', { connection: 'Guard' })).toBe(0);
    manager.disablePlugin('Guard');
    const after = await read(metrics);
    expect(after.value('gatechart_plugin_state', { plugin: 'Guard', state: 'running.enabled' })).toBeUndefined();
    expect(after.value('gatechart_plugin_state', { plugin: 'Guard', state: manager.plugins[0]?.state ?? '' })).toBe(1);
    await manager.close();
    const gone = (await metrics.page()).text;
    expect(gone).not.toMatch(/^gatechart_(?:connection|plugin_state)\w*\{/m);
  });
});

it('a pool and a plugin server count as a manager does', async () => {
  const metrics = await createPrometheus();
  const pool = await createManagerPool({
    base: entries('passes'),
    kinds,
    overridesFor: () => undefined,
    metrics,
    logger: silentLogger,
    env: {},
  });
  cleanups.push(() => pool.close());
  for (const key of ['a', 'b']) await pool.use(key, (manager) => callTool(manager, 't'));
  const labels = { plugin: 'passes', status: 'ok' };
  expect((await read(metrics)).value('gatechart_plugin_duration_seconds_count', labels)).toBe(2);

  const served = await createPrometheus();
  const host = await start({
    kinds: { Guard: kinds.passes },
    config: { plugins: [{ name: 'Guard', kind: 'Guard', hooks }] },
    metrics: served,
  });
  await callTool(await start({ config: { plugins: [await serveHost(host, 'http')] } }), 't');
  const count = (await read(served)).value('gatechart_hook_duration_seconds_count', {
    hook: 'tool_pre_invoke',
    decision: 'allow',
  });
  expect(count).toBe(1);
});

it('names that are made up cost no more time series than there may be', async () => {
  const metrics = await createPrometheus();
  for (let made = 0; made < 1_000; made++) {
    metrics.pluginEnded({
      hook: `h${made}`,
      plugin: `p${made}`,
      status: 'violation',
      seconds: 1,
      violationCode: `c${made}`,
    });
    metrics.hookEnded({ hook: `h${made}`, decision: 'allow', seconds: 1 });
  }
  const lines = (await metrics.page()).text.split('\n');
  const series = (name: string) => lines.filter((line) => line.startsWith(`${name}{`)).length;
  expect(series('gatechart_hook_duration_seconds_count')).toBe(mostValues.hooks + 1);
  expect(series('gatechart_plugin_duration_seconds_count')).toBe(mostValues.plugins + 1);
  expect(series('gatechart_plugin_violations_total')).toBeLessThanOrEqual(mostValues.plugins + 1);
});

it('the state of a plugin is told whatever it is called', async () => {
  const metrics = await createPrometheus();
  const config = { plugins: [{ name: 'other', kind: 'passes', hooks }] };
  await start({ kinds, config, metrics });
  const labels = { plugin: 'other', state: 'running.enabled' };
  expect((await read(metrics)).value('gatechart_plugin_state', labels)).toBe(1);
});

it('OpenTelemetry is told the same figures under the same names', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  cleanups.push(() => meterProvider.shutdown());
  const observability = await createOpenTelemetry({ meterProvider });
  const prometheus = await createPrometheus();
  const manager = await start({ kinds, config: entries('passes', 'blocks'), observability, metrics: prometheus });
  for (const name of ['t', 'block', 'fail']) await callTool(manager, name).catch(() => undefined);
  const told = await read(prometheus);
  await reader.forceFlush();
  const exported = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  const names = exported.map(({ descriptor }) => descriptor.name);
  expect(names).toEqual(
    expect.arrayContaining(['gatechart.hook.duration', 'gatechart.plugin.violations', 'gatechart.plugin.state']),
  );
  let compared = 0;
  for (const { descriptor, dataPoints } of exported) {
    const name = measureNames.find((known) => known === descriptor.name);
    if (name === undefined) throw new Error(`nobody knows ${descriptor.name}`);
    expect(descriptor.unit).toBe(measures[name].kind === 'duration' ? 's' : '');
    for (const { value, attributes } of dataPoints) {
      const labels = labelsOf(attributes as Record<string, string>);
      const isHistogram = typeof value === 'object';
      const same = told.value(`${metricName(name)}${isHistogram ? '_count' : ''}`, labels);
      expect(same).toBe(isHistogram && 'count' in value ? value.count : value);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(6);
});
