import { isGatechartError } from '../errors.js';
import type { Violation } from '../hooks/hook-result.js';
import { isHeard, type Logger } from '../observability/logger.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { type LoggedRequest, requestFields } from './request-fields.js';

/** What the log is told of plugins on one hook. */
export interface ChainLog {
  readonly logger: Logger;
  readonly hook: string;
}

/** One run of a plugin, put together where there is something to say of it. */
export interface LoggedRun {
  readonly request: LoggedRequest;
  readonly durationMs: number;
}

export function logBlock(
  log: ChainLog,
  plugin: ChainPlugin,
  violation: Violation | undefined,
  run: () => LoggedRun,
  threw = false,
): void {
  if (!isHeard(log.logger, 'warn')) return;
  const { code, reason } = violation ?? {};
  const may = !isAfterwards(plugin) && (threw || plugin.rights.mayBlock);
  const message = may
    ? `plugin ${plugin.name} blocked the request`
    : `plugin ${plugin.name} would block; its mode may not`;
  write(log, 'warn', { ...fieldsOf(plugin, run()), code, reason }, message);
}

export function logFailure(log: ChainLog, plugin: ChainPlugin, err: unknown, run: LoggedRun): void {
  if (!isHeard(log.logger, 'error')) return;
  const { mode, onError } = plugin.config;
  const reason = onError === undefined ? `mode ${mode}` : `on_error ${onError}`;
  const message = `plugin ${plugin.name} failed${isAfterwards(plugin) ? ' in the background' : `; its ${reason} lets the chain go on`}`;
  const code = isGatechartError(err) ? err.code : undefined;
  write(log, 'error', { ...fieldsOf(plugin, run), code, err }, message);
}

export function logUnusedViolation(log: ChainLog, plugin: ChainPlugin): void {
  if (!isHeard(log.logger, 'warn')) return;
  const message = `plugin ${plugin.name} answered a violation and did not stop: without \`continueProcessing: false\` it counts for nothing`;
  write(log, 'warn', { plugin: plugin.name }, message);
}

export function logSameAnswer(log: ChainLog, plugin: ChainPlugin): void {
  const message = `plugin ${plugin.name} answered its payload as it was; if it changed it in place, that is lost: answer a changed copy. From now on it is given one`;
  write(log, 'warn', { plugin: plugin.name }, message);
}

export function logLostNotes(log: ChainLog, err: unknown, why: string): void {
  write(log, 'warn', { err }, `the notes of a plugin are lost: ${why}`);
}

function fieldsOf(plugin: ChainPlugin, { request, durationMs }: LoggedRun): Readonly<Record<string, unknown>> {
  return { plugin: plugin.name, ...requestFields(request), durationMs: Math.round(durationMs * 1000) / 1000 };
}

function isAfterwards({ rights }: ChainPlugin): boolean {
  return rights.schedule === 'afterwards';
}

function write(
  { logger, hook }: ChainLog,
  level: 'warn' | 'error',
  fields: Readonly<Record<string, unknown>>,
  message: string,
): void {
  logger[level]({ ...fields, hook }, message);
}
