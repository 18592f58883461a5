import { isRecord } from '../json/records.js';
import { jsonText } from '../json/json-text.js';
import { readEnvironment } from '../config/environment/environment.js';
import type { GlobalContext } from '../context/global-context.js';
import { GatechartError, isGatechartError } from '../errors.js';
import { unknownField } from '../hooks/field-hint.js';
import { HookRegistry } from '../hooks/hook-registry.js';
import { createManager } from '../manager/create-manager.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import { createLogger } from '../observability/logger.js';
import { PluginError } from '../plugins/plugin-error.js';
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
import { readJson } from './json-file.js';
import { type RecordCommand, recorderOf } from './record-options.js';

export interface InvokeCommand extends RecordCommand {
  /** Path of the configuration. */
  readonly config: string;
  readonly hook: string;
  /** Path of a JSON file with the payload, in wire names. */
  readonly payload: string;
  /** Path of a JSON file with the context, in wire names. Default: request id "1". */
  readonly context?: string | undefined;
}

/**
 * `gatechart invoke`: runs one hook over a payload and prints the result, in the names of the wire.
 *
 * @returns the exit code: 0 the request may go on, 1 a plugin blocked it, 2 it could not be run
 */
export async function invokeOnce(command: InvokeCommand, io: CommandIo): Promise<number> {
  try {
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
    const runner: HookRunner = manager;
    const outcome = await runner.invokeHook(hook.name, payload, context.globalContext);
    const encoded = encodeResult(outcome, codec.result);
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
    if (!isGatechartError(error)) throw error;
    if (error instanceof PluginError)
      io.stdout.write(`${JSON.stringify({ error: encodeFailure(error.failure) }, null, 2)}\n`);
    io.stderr.write(`${error.message}\n`);
    return 2;
  }
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
