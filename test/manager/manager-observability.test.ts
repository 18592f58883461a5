import { describe, expect, it } from 'vitest';
import {
  definePlugin,
  type ObservabilityProvider,
  type Span,
  type SpanAttributes,
  type SpanResource,
} from '../../src/index.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

interface Recorded extends Span {
  readonly name: string;
  readonly attributes: SpanAttributes;
  readonly parent: Span | undefined;
  readonly resource: SpanResource | undefined;
}

/** Keeps spans in the order in which they began, and the order of all beginnings and ends. */
function recorder() {
  const spans: Recorded[] = [];
  const order: string[] = [];
  const provider: ObservabilityProvider = {
    startSpan(name, attributes, parent, resource) {
      const recorded = {
        name,
        attributes: { ...attributes },
        parent,
        resource,
        end(status: 'ok' | 'error', more: SpanAttributes = {}) {
          Object.assign(this.attributes, more);
          order.push(`${name} ${status}`);
        },
      };
      order.push(name);
      spans.push(recorded);
      return recorded;
    },
  };
  return { provider, spans, order };
}

const hooks = ['tool_pre_invoke'];
const kinds = {
  passing: definePlugin({ hooks: { tool_pre_invoke: () => ({}) } }),
  changing: definePlugin({ hooks: { tool_pre_invoke: async () => ({ modifiedPayload: { name: 'changed' } }) } }),
  blocking: definePlugin({
    hooks: {
      tool_pre_invoke: () => ({
        continueProcessing: false,
        violation: { reason: 'r', description: 'd', code: 'C' },
      }),
    },
  }),
  failing: definePlugin({ hooks: { tool_pre_invoke: () => Promise.reject(new Error('kaboom')) } }),
};
const plugins = (...names: (keyof typeof kinds)[]) => ({
  plugins: names.map((kind, index) => ({ name: kind, kind, hooks, priority: index })),
});

describe('spans', () => {
  it('are one for the hook and one below it for each plugin that ran, with what there is to know', async () => {
    const { provider, spans, order } = recorder();
    const manager = await start({
      kinds,
      config: plugins('passing', 'changing', 'blocking', 'failing'),
      observability: provider,
    });
    await callTool(manager, 't');
    expect(order).toEqual([
      'plugin.hook.invoke',
      'plugin.execute.passing',
      'plugin.execute.passing ok',
      'plugin.execute.changing',
      'plugin.execute.changing ok',
      'plugin.execute.blocking',
      'plugin.execute.blocking ok',
      'plugin.hook.invoke ok',
    ]);
    const [hook, passing, changing, blocking] = spans;
    expect(hook?.attributes).toEqual({
      'plugin.hook.type': 'tool_pre_invoke',
      'plugin.chain.length': 4,
      'plugin.executed_count': 3,
      'plugin.skipped_count': 0,
      'plugin.chain.stopped': true,
      'plugin.chain.stopped_by': 'blocking',
    });
    expect(passing?.attributes).toEqual({
      'plugin.name': 'passing',
      'plugin.uuid': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'plugin.mode': 'enforce',
      'plugin.priority': 0,
      'plugin.timeout': 30,
      'plugin.had_violation': false,
      'plugin.modified_payload': false,
    });
    expect(changing?.attributes).toMatchObject({ 'plugin.modified_payload': true });
    expect(blocking?.attributes).toMatchObject({ 'plugin.had_violation': true });
    expect([hook, passing].map((span) => span?.resource)).toEqual([undefined, { type: 'plugin', name: 'passing' }]);
    expect(new Set([passing?.parent, changing?.parent, blocking?.parent])).toEqual(new Set([hook]));
  });

  it('of what fails end as errors', async () => {
    const { provider, order } = recorder();
    const manager = await start({ kinds, config: plugins('failing'), observability: provider });
    await rejection(callTool(manager, 't'));
    expect(order.slice(2)).toEqual(['plugin.execute.failing error', 'plugin.hook.invoke error']);
  });
});

it('a provider that throws never fails a hook', async () => {
  const logger = recordingLogger();
  const throwing: ObservabilityProvider[] = [
    {
      startSpan() {
        throw new Error('no collector');
      },
    },
    {
      startSpan: () => ({
        end() {
          throw new Error('no collector');
        },
      }),
    },
    { startSpan: () => undefined },
  ];
  for (const observability of throwing) {
    const manager = await start({ kinds, config: plugins('changing'), observability, logger });
    expect((await callTool(manager, 't')).modifiedPayload).toEqual({ name: 'changed' });
  }
  const told = logger.lines.filter(({ message }) => message === 'the observability provider failed: no collector');
  expect(told.length).toBeGreaterThanOrEqual(4);
});
