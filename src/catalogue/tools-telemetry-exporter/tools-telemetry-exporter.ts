import type * as OpenTelemetry from '@opentelemetry/api';
import { z } from 'zod';
import type { ToolPostInvokePayload, ToolPreInvokePayload } from '../../hooks/built-in-hooks.js';
import { isRecord } from '../../json/records.js';
import { definitionOfClass, Plugin } from '../../plugins/plugin-class.js';
import type { PluginContext } from '../../plugins/plugin-context.js';
import { packageVersion } from '../../package-version.js';
import { missingPackage } from '../optional-package.js';
import {
  contextAttributes,
  type ExportedAttributes,
  headersText,
  isNothing,
  shortened,
  targetAttributes,
} from './exported-attributes.js';

const telemetryConfig = z.strictObject({
  export_full_payload: z.boolean().default(false),
  max_payload_bytes_size: z.int().min(0).max(1_000_000).default(10_000),
});

type TelemetryConfig = z.output<typeof telemetryConfig>;

/** Writes what was asked of tools, and what they answered, into spans of OpenTelemetry. It looks only. */
class ToolsTelemetryExporter extends Plugin<TelemetryConfig> {
  static override config = telemetryConfig;
  #api: typeof OpenTelemetry | undefined;

  override async initialize(): Promise<void> {
    this.#api = await import('@opentelemetry/api').catch(missingPackage('@opentelemetry/api'));
  }

  tool_pre_invoke({ args, headers }: ToolPreInvokePayload, { globalContext }: PluginContext): void {
    this.#export('tool.pre_invoke', () => ({
      ...contextAttributes(globalContext),
      ...targetAttributes(globalContext),
      'tool.invocation.args': shortened(args ?? {}, this.setup.config.max_payload_bytes_size),
      headers: headersText(headers),
    }));
  }

  tool_post_invoke({ result }: ToolPostInvokePayload, { globalContext }: PluginContext): void {
    const { export_full_payload, max_payload_bytes_size } = this.setup.config;
    this.#export('tool.post_invoke', () => {
      const { content, isError } = isRecord(result) ? result : {};
      const hasFailed = Boolean(isError);
      const shown = isNothing(content) ? '<No content in result>' : shortened(content, max_payload_bytes_size);
      return {
        ...contextAttributes(globalContext),
        ...(export_full_payload && !hasFailed && { 'tool.invocation.result': shown }),
        'tool.invocation.has_error': hasFailed,
      };
    });
  }

  /** A span inside the active one; where none records, nothing is gathered. */
  #export(name: string, attributes: () => ExportedAttributes): void {
    const { trace } = this.#api ?? {};
    if (trace?.getActiveSpan()?.isRecording() !== true) return;
    const tracer = trace.getTracer('gatechart/tools-telemetry-exporter', packageVersion);
    tracer.startSpan(name, { attributes: attributes() }).end();
  }
}

export const toolsTelemetryExporter = definitionOfClass(ToolsTelemetryExporter);
