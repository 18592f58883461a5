import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createManager, silentLogger } from '../../src/index.js';
import { createOpenTelemetry } from '../../src/opentelemetry/index.js';
import { Fixture } from './fixture.js';
import { pluginName } from './host.js';

const python = inject('python');

describe.runIf(python !== null)('a plugin server of cpex that is told of a trace', () => {
  const fixture = new Fixture(python ?? '');
  afterAll(() => fixture.close());

  it.each(['stdio', 'http', 'unix', 'grpc'] as const)(
    'answers over %s as it does without',
    async (transport) => {
      const exporter = new InMemorySpanExporter();
      const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
      const observability = await createOpenTelemetry({ tracerProvider });
      const config = fixture.hostConfig(await fixture.serve('theirs', transport));
      const settings = { config, logger: silentLogger, env: { PATH: process.env['PATH'] } };
      const answers: unknown[] = [];
      for (const more of [{ observability }, {}]) {
        await using manager = await createManager({ ...settings, ...more });
        for (const name of ['echo', 'block']) {
          const called = manager.invokeHook('tool_pre_invoke', { name, args: { text: 'hello' } }, { requestId: 'r' });
          const { continueProcessing, modifiedPayload, violation } = await called;
          answers.push({ continueProcessing, modifiedPayload, violation });
        }
      }
      expect(answers.slice(0, 2)).toEqual(answers.slice(2));
      const names = exporter.getFinishedSpans().map(({ name, status }) => [name, status.code]);
      expect(names).toEqual([
        [`plugin.execute.${pluginName}`, 0],
        ['plugin.hook.invoke', 0],
        [`plugin.execute.${pluginName}`, 0],
        ['plugin.hook.invoke', 0],
      ]);
    },
    60_000,
  );
});
