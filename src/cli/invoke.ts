import { isRecord } from '../json/records.js';
import { jsonText } from '../json/json-text.js';
import { readEnvironment } from '../config/environment/environment.js';
import type { GlobalContext } from '../context/global-context.js';
import { GatechartError, isGatechartError } from '../errors.js';
import type { HookDefinition } from '../hooks/hook.js';
import { unknownField } from '../hooks/field-hint.js';
import { HookRegistry } from '../hooks/hook-registry.js';
import { createManager } from '../manager/create-manager.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import { createLogger } from '../observability/logger.js';
import { PluginError } from '../plugins/plugin-error.js';
import { deferred } from '../time/deferred.js';
import {
  contextNames,
  decodeRequestContext,
  encodeAnswerContext,
  unknownContextFields,
  type WireContext,
} from '../wire/context-codec.js';
import { encodeExecutions } from '../wire/execution-codec.js';
import { encodeFailure } from '../wire/failure-codec.js';
import { hookCodec } from '../wire/hook-codec.js';
import { encodeResult } from '../wire/result-codec.js';
import { type Decoded, describeIssue } from '../wire/wire-issue.js';
import type { CommandIo } from './command-io.js';
import { type InspectFlags, type InspectIo, readInspectFlags, startInspector } from './inspect-flags.js';
import { readJson } from './json-file.js';
import { type RecordCommand, recorderOf } from './record-options.js';

export interface InvokeCommand extends InspectFlags, RecordCommand {
  /** Path of the configuration. */
  readonly config: string;
  readonly hook: string;
  /** Path of a JSON file with the payload, in wire names. */
  readonly payload: string;
  /** Path of a JSON file with the context, in wire names. Default: request id "1". */
  readonly context?: string | undefined;
}

/** The process around the command. */
export interface InvokeIo extends CommandIo {
  /** Tells of SIGTERM and SIGINT, which end the looking into what is done. */
  readonly signals: InspectIo['signals'];
}

/**
 * `gatechart invoke`: runs one hook over a payload and prints the result, in the names of the wire. With `--inspect`, what
 * it has done can be looked into until it is told to stop.
 *
 * @returns the exit code: 0 the request may go on, 1 a plugin blocked it, 2 it could not be run
 */
export async function invokeOnce(command: InvokeCommand, io: InvokeIo): Promise<number> {
  try {
    const inspected = readInspectFlags(command);
    const hook = new HookRegistry().require(command.hook);
    const codec = hookCodec(hook);
    const written = await readJson(command.payload);
    const payload = decoded(codec.payload.decode(written, ''), command.payload);
    const [unknown] = codec.payload.unknownFields(written, '');
    if (unknown !== undefined) throw unknownIn(command.payload, unknown, codec.payload.wireNames);
    const context = await readContext(command.context);
    const logger = createLogger(readEnvironment(io.env, 'warn').logLevel);
    await using recorder = recorderOf(command, logger);
    await using manager = await createManager({
      config: command.config,
      env: io.env,
      logger,
      ...(recorder !== undefined && { recorder }),
    });
    const stopInspector = await startInspector(manager, inspected, { ...io, logger });
    try {
      const code = await runHook(manager, { hook, payload, context }, io);
      if (inspected !== undefined) await untilStopped(io);
      return code;
    } finally {
      await stopInspector();
    }
  } catch (error) {
    return failed(error, io);
  }
}

interface Invocation {
  readonly hook: HookDefinition;
  readonly payload: unknown;
  readonly context: WireContext;
}

async function runHook(
  runner: HookRunner,
  { hook, payload, context }: Invocation,
  io: Pick<InvokeIo, 'stdout' | 'stderr'>,
): Promise<number> {
  try {
    const outcome = await runner.invokeHook(hook.name, payload, context.globalContext);
    const encoded = encodeResult(outcome, hookCodec(hook).result);
    const result = { ...encoded, executions: encodeExecutions(outcome.executions) };
    const { violation } = encoded;
    // A server does not send the name, because its client knows whom it asked; here nobody does.
    const named = isRecord(violation)
      ? { ...result, violation: { ...violation, plugin_name: outcome.violation?.pluginName } }
      : result;
    const answer = { result: named, context: encodeAnswerContext(context) };
    io.stdout.write(`${jsonText(answer, 2)}\n`);
    return outcome.continueProcessing ? 0 : 1;
  } catch (error) {
    return failed(error, io);
  }
}

function failed(error: unknown, { stdout, stderr }: Pick<InvokeIo, 'stdout' | 'stderr'>): number {
  if (!isGatechartError(error)) throw error;
  if (error instanceof PluginError)
    stdout.write(`${JSON.stringify({ error: encodeFailure(error.failure) }, null, 2)}\n`);
  stderr.write(`${error.message}\n`);
  return 2;
}

/** What was done can be looked into for as long as somebody wants to. */
async function untilStopped({ stderr, signals }: Pick<InvokeIo, 'stderr' | 'signals'>): Promise<void> {
  const stopped = deferred();
  stderr.write('The hook has run, and can be looked into until Ctrl+C.\n');
  signals.on('SIGTERM', stopped.resolve).on('SIGINT', stopped.resolve);
  await stopped.promise;
  signals.off('SIGTERM', stopped.resolve).off('SIGINT', stopped.resolve);
}

/** A manager, where the hook is only known at run time. */
interface HookRunner {
  invokeHook(hook: string, payload: unknown, context: GlobalContext): Promise<HookOutcome>;
}

async function readContext(file: string | undefined): Promise<WireContext> {
  if (file === undefined)
    return { globalContext: { requestId: '1', state: {}, metadata: {} }, state: {}, metadata: {} };
  const written = await readJson(file);
  // A bare global context is enough.
  const isGlobal = typeof written === 'object' && written !== null && 'request_id' in written;
  const context = isGlobal ? { global_context: written } : written;
  const read = decoded(decodeRequestContext(context), file);
  const [unknown] = unknownContextFields(context);
  if (unknown !== undefined) throw unknownIn(file, unknown, contextNames);
  return read;
}

/** What somebody wrote here by hand is not dropped: a guard would be asked about something else. */
function unknownIn(file: string, path: string, known: readonly string[]): GatechartError {
  const keys = path.split('.');
  const field = keys.pop() ?? path;
  const parent = keys.length === 0 ? '' : `${keys.join('.')}.`;
  return new GatechartError('PAYLOAD_INVALID', `${file}: ${parent}${unknownField(field, known)}`);
}

function decoded<Value>(result: Decoded<Value>, file: string): Value {
  if (result.ok) return result.value;
  throw new GatechartError('PAYLOAD_INVALID', `${file}: ${describeIssue(result.issue)}`);
}
