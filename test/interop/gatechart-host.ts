import {
  builtInHooks,
  createManager,
  type PluginContexts,
  PluginError,
  type PluginManager,
  silentLogger,
} from '../../src/index.js';
import { describePluginConfig } from '../../src/config/sections/plugin-entry.js';
import { messageOf } from '../../src/errors.js';
import { jsonText } from '../../src/json/json-text.js';
import type { HookDefinition } from '../../src/hooks/hook.js';
import type { PluginResult } from '../../src/hooks/hook-result.js';
import { decodeRequestContext, type WireContext } from '../../src/wire/context-codec.js';
import { encodeFailure } from '../../src/wire/failure-codec.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { encodeResult } from '../../src/wire/result-codec.js';
import { type Call, type Host, type Json, type Outcome, pluginName } from './host.js';

/** The manager's methods with hooks and payloads that the compiler does not know. */
interface AnyHook {
  invokeHook(
    hook: string,
    payload: unknown,
    context: WireContext['globalContext'],
    options: object,
  ): Promise<PluginResult & { contexts: PluginContexts | undefined }>;
  invokeHookForPlugin(plugin: string, hook: string, payload: unknown, context: WireContext): Promise<PluginResult>;
}

/** A host of this package, in this process. */
export function startGatechartHost(env: NodeJS.ProcessEnv = {}): Host {
  const managers = new Map<string, PluginManager>();
  const contextsOf = new Map<string, PluginContexts | undefined>();
  const managerOf = (name: string): PluginManager & AnyHook => {
    const manager = managers.get(name);
    if (manager === undefined) throw new Error(`no manager ${name}`);
    return manager;
  };
  return {
    async open(name, config, timeout) {
      const settings = { PATH: process.env['PATH'], PLUGINS_PLUGIN_TIMEOUT: String(timeout), ...env };
      const manager = await createManager({
        config,
        env: settings,
        logger: silentLogger,
        // Else a server that was away longer than the attempts last is tried again after half a minute only.
        connection: { cooldownMs: 300 },
      });
      managers.set(name, manager);
      return manager.configs.map(describePluginConfig);
    },
    callPlugin: (name, call, given) =>
      outcomeOf(call, given, (payload, context) =>
        managerOf(name).invokeHookForPlugin(pluginName, call.hook, payload, context),
      ),
    async callChain(name, call, given, key) {
      const contexts = key === undefined ? undefined : contextsOf.get(key);
      const outcome = await outcomeOf(call, given, async (payload, { globalContext }) => {
        const result = await managerOf(name).invokeHook(
          call.hook,
          payload,
          globalContext,
          contexts ? { contexts } : {},
        );
        if (key !== undefined) contextsOf.set(key, result.contexts);
        return result;
      });
      return { ...outcome, context: { global_state: outcome.context['global_state'] } };
    },
    async closeManager(name) {
      await managers.get(name)?.close();
      managers.delete(name);
    },
    async close() {
      await Promise.all([...managers.values()].map((manager) => manager.close()));
    },
  };
}

async function outcomeOf(
  { hook: name, payload: written }: Call,
  given: Json,
  run: (payload: unknown, context: WireContext) => Promise<PluginResult>,
): Promise<Outcome> {
  const hooks: readonly HookDefinition[] = builtInHooks;
  const hook = hooks.find((candidate) => candidate.name === name);
  if (hook === undefined) throw new Error(`no hook ${name}`);
  const codec = hookCodec(hook);
  const payload = codec.payload.decode(written, 'payload');
  // A host may write into what it is given.
  const context = decodeRequestContext(structuredClone(given));
  if (!payload.ok || !context.ok) throw new Error(`the case's ${payload.ok ? 'context' : 'payload'} is not valid`);
  const outcome = await run(payload.value, context.value).then(
    (result) => ({ result: resultOf(result, asParsed(encodeResult(result, codec.result))) }),
    (error: unknown) => ({
      error: error instanceof PluginError ? encodeFailure(error.failure) : { message: messageOf(error) },
    }),
  );
  const { state, metadata, globalContext } = context.value;
  const left = { state, metadata, global_state: globalContext.state ?? {} };
  return structuredClone({ ...outcome, context: left });
}

/** Theirs comes as JSON, of which JavaScript rounds large integers. */
function asParsed({ denial_metadata: numbers, ...encoded }: Json): Json {
  return numbers === undefined ? encoded : { ...encoded, denial_metadata: JSON.parse(jsonText(numbers)) };
}

function resultOf(result: PluginResult, encoded: Json): Json {
  if (result.violation === undefined || encoded['violation'] === null) return encoded;
  return { ...encoded, violation: { ...Object(encoded['violation']), plugin_name: result.violation.pluginName ?? '' } };
}
