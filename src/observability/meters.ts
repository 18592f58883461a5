import { FigureSources } from './figure-sources.js';
import type { GatewayFigures, ManagerFigures } from './figures.js';
import type { HookMeasure, HookMeter, PluginMeasure } from './hook-meter.js';
import type { Instruments, MeasuredAttributes } from './instruments.js';
import { LabelValues } from './label-values.js';
import type { McpMeter, McpOperation, McpOutcome } from './mcp-telemetry.js';
import { mostValues } from './measures.js';

const operations = {
  server: 'mcp.server.operation.duration',
  client: 'mcp.client.operation.duration',
} as const;

const sessions = { server: 'mcp.server.session.duration', client: 'mcp.client.session.duration' } as const;

/** All that is measured, with names that are few enough, whoever writes it down. */
export class Meters implements HookMeter, McpMeter {
  readonly #instruments: Instruments;
  readonly #sources = new FigureSources();
  readonly #hooks = new LabelValues(mostValues.hooks);
  readonly #plugins = new LabelValues(mostValues.plugins);
  readonly #codes = new LabelValues(mostValues.codes);
  readonly #operations = new OperationAttributes();
  readonly #errors = new LabelValues(mostValues.errors);

  constructor(instruments: Instruments) {
    this.#instruments = instruments;
    instruments.figures((name) => this.#sources.read(name));
  }

  hookEnded({ hook, decision, seconds }: HookMeasure): void {
    this.#instruments.record('gatechart.hook.duration', seconds, { hook: this.#hooks.of(hook), decision });
  }

  pluginEnded({ plugin: name, status, seconds, violationCode }: PluginMeasure): void {
    const plugin = this.#plugins.of(name);
    this.#instruments.record('gatechart.plugin.duration', seconds, { plugin, status });
    if (status !== 'violation') return;
    const code = violationCode === undefined || violationCode === '' ? 'none' : this.#codes.of(violationCode);
    this.#instruments.add('gatechart.plugin.violations', { plugin, code });
  }

  watchManager(figures: ManagerFigures): () => void {
    return this.#sources.addManager(figures);
  }

  operationEnded(operation: McpOperation, outcome: McpOutcome, seconds: number): void {
    this.#instruments.record(operations[operation.side], seconds, this.#operations.of(operation, outcome));
  }

  sessionEnded(side: McpOperation['side'], seconds: number): void {
    this.#instruments.record(sessions[side], seconds, {});
  }

  denied(ruleKind: string, errorType: string): void {
    this.#instruments.add('gatechart.denied', { rule_kind: ruleKind, 'error.type': this.#errors.of(errorType) });
  }

  watchGateway(figures: GatewayFigures): () => void {
    return this.#sources.addGateway(figures);
  }
}

class OperationAttributes {
  readonly #methods = new LabelValues(mostValues.methods);
  readonly #tools = new LabelValues(mostValues.tools);
  readonly #servers = new LabelValues(mostValues.servers);
  readonly #errors = new LabelValues(mostValues.errors);

  of({ side, method, server, subject, transport }: McpOperation, { errorType }: McpOutcome): MeasuredAttributes {
    const isTool = method === 'tools/call' && subject !== undefined;
    return {
      'mcp.method.name': this.#methods.of(method),
      // Whoever calls tools that are not there must not crowd out the names of those that are.
      ...(isTool && { 'gen_ai.tool.name': this.#tools.of(subject, errorType === undefined) }),
      ...(errorType !== undefined && { 'error.type': this.#errors.of(errorType) }),
      ...(side === 'client' && server !== undefined && { 'mcp.server.name': this.#servers.of(server) }),
      ...(side === 'client' && transport !== undefined && { 'network.transport': transport }),
    };
  }
}
