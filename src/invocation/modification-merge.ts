import { z } from 'zod';
import { describeValue } from '../json/described-value.js';
import { isPlainObject, setOwn } from '../json/records.js';
import type { HookDefinition } from '../hooks/hook.js';
import { mayDeny, ownResultOf } from '../hooks/own-result.js';
import { copyIfReadable, frozenCopy } from '../hooks/payload-copy.js';
import type { PayloadReader } from '../hooks/payload-reader.js';
import { applyPolicy } from '../hooks/payload-policy.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { PluginError } from '../plugins/plugin-error.js';
import type { ChainDraft, MergeRules } from './chain-state.js';

/** A denial is never dropped, not even with the rest of a block, and whatever else is odd about it. */
export function denies(modification: unknown, rules: MergeRules): boolean {
  return denialIn(modification, rules) !== undefined;
}

interface Denial {
  /** The modification, without what cannot be copied. */
  readonly copied: unknown;
  /** What of it is a result of the hook. */
  readonly result: unknown;
}

/** The denial that a modification is; undefined if it is none. */
export function denialIn(modification: unknown, { hook, result }: MergeRules): Denial | undefined {
  if (hook.denies === undefined || result === undefined || modification === undefined) return undefined;
  const copied = result.attemptCopy(modification) ?? readableFieldsOf(modification);
  const own = copied === undefined ? undefined : ownResultOf(copied, hook);
  return own !== undefined && hook.denies(own) ? { copied, result: own } : undefined;
}

/** Whatever a plugin puts beside its denial, a list that contains itself say, must not make the denial unreadable. */
function readableFieldsOf(modification: unknown): unknown {
  const readable: Record<string, unknown> = {};
  try {
    if (!isPlainObject(modification)) return undefined;
    for (const key of Object.keys(modification)) {
      const value = copyIfReadable(() => modification[key]);
      if (value !== undefined) setOwn(readable, key, value);
    }
  } catch {
    return undefined;
  }
  return readable;
}

/**
 * A decision that cannot be read must not pass as if none had been made, nor leave an earlier grant as it was. What has no
 * field of a decision is none.
 *
 * @throws PluginError PLUGIN_RESULT_INVALID for one that may have been meant as a denial
 */
export function requireReadableDecision(wanted: unknown, { name, rights }: ChainPlugin, rules: MergeRules): void {
  const { hook, result } = rules;
  if (hook.denies === undefined || result === undefined || (!rights.mayBlock && !rights.mayModify)) return;
  const copied = result.attemptCopy(wanted);
  if (!isPlainObject(copied) || !(hook.result instanceof z.ZodObject)) return;
  const { shape } = hook.result;
  if (!Object.keys(copied).some((key) => Object.hasOwn(shape, key))) return;
  if (denies(wanted, rules) || !mayDeny(copied, hook)) return;
  const message = `Plugin ${name} returned a modified payload that is not a result of ${hook.name}, and may deny.`;
  throw new PluginError({ message, pluginName: name }, { code: 'PLUGIN_RESULT_INVALID', mayBeStop: true });
}

/** A hook's own result is taken whole where its hook has a policy, as in the framework: it has no field of the payload. */
export function mergeModification(chain: ChainDraft, wanted: unknown, plugin: ChainPlugin, rules: MergeRules): void {
  const { hook, policy } = rules;
  const { mayBlock, mayModify } = plugin.rights;
  // Who may block may deny, whatever it may not change.
  const isDenial = mayBlock && denies(wanted, rules);
  requireReadableDecision(wanted, plugin, rules);
  if (!mayModify && !isDenial) {
    rules.warn(plugin, `its mode ${plugin.config.mode} may not modify the payload; the modification is ignored`);
    return;
  }
  if (policy === undefined && rules.defaultPolicy === 'deny' && !isDenial) {
    rules.warn(plugin, `no policy allows changes on ${hook.name}; the modification is ignored`);
    return;
  }
  if (!isPlainObject(wanted)) {
    rules.warn(plugin, `its modified payload is ${describeValue(wanted)}, not an object; the modification is ignored`);
    return;
  }
  if (rules.result === undefined) mergePayload(chain, wanted, plugin, rules);
  else mergeOwnResult(chain, wanted, plugin, rules, rules.result);
}

function mergePayload(chain: ChainDraft, wanted: unknown, plugin: ChainPlugin, rules: MergeRules): void {
  const { hook, policy, payload: reader } = rules;
  const { value, problems, unknown } = reader.read(wanted, rules.maxPayloadSize);
  if (problems.length === 0) {
    if (unknown.length > 0) throw unknownFields('modified payload', unknown, plugin, hook);
    if (policy === undefined) return takePayload(chain, value, plugin);
    const before = chain.payload as Readonly<Record<string, unknown>>;
    const after = value as Readonly<Record<string, unknown>>;
    const { payload, refused } = applyPolicy(before, after, policy, hook.emptyIsAbsent);
    if (refused.length > 0)
      rules.warn(plugin, `the policy of ${hook.name} does not let it change ${refused.join(', ')}`);
    if (payload === undefined) return;
    if (payload === after) return takePayload(chain, after, plugin);
    // With all that it changed it is what was read; with a part of that it may be larger.
    const isWhole = refused.length === 0 && Object.keys(payload).length === Object.keys(after).length;
    return takePayload(chain, isWhole ? Object.freeze(payload) : reader.copy(payload, rules.maxPayloadSize), plugin);
  }
  if (policy === undefined) return takePayload(chain, value, plugin);
  rules.warn(plugin, `its modified payload is not a payload of ${hook.name}; under a policy it is ignored`);
}

function takePayload(chain: ChainDraft, payload: unknown, plugin: ChainPlugin): void {
  chain.payload = payload;
  chain.modified = payload;
  chain.decidedBy = plugin.name;
}

function mergeOwnResult(
  chain: ChainDraft,
  wanted: unknown,
  plugin: ChainPlugin,
  rules: MergeRules,
  reader: PayloadReader,
): void {
  const { hook } = rules;
  const denial = denialIn(wanted, rules);
  // What goes into the payload counts there, and a denial is never too large.
  const limited = denial === undefined && hook.applyToPayload === undefined;
  const { value, problems, unknown } = reader.read(
    denial?.copied ?? wanted,
    limited ? rules.maxPayloadSize : Number.POSITIVE_INFINITY,
  );
  if (problems.length === 0 && unknown.length === 0) return takeResult(chain, value, plugin, rules);
  if (denial !== undefined) {
    rules.warn(plugin, `it denies, and what else it says of it is ignored: ${unknown.join('; ')}`);
    return takeResult(chain, denial.result, plugin, rules);
  }
  if (problems.length === 0) throw unknownFields('result', unknown, plugin, hook);
  rules.warn(plugin, `its modified payload is not a result of ${hook.name}; the modification is ignored`);
}

function takeResult(chain: ChainDraft, later: unknown, plugin: ChainPlugin, rules: MergeRules): void {
  const { hook, maxPayloadSize } = rules;
  const earlier = chain.modified;
  const combined = earlier === undefined || hook.combine === undefined ? later : hook.combine(earlier, later);
  const payload =
    hook.applyToPayload === undefined
      ? chain.payload
      : rules.payload.copy(hook.applyToPayload(chain.payload, combined), maxPayloadSize);
  // Both before anything is taken: either may throw.
  const modified = frozenCopy(combined).value;
  chain.payload = payload;
  chain.modified = modified;
  if (combined !== earlier) chain.decidedBy = plugin.name;
}

/** What nobody looks at must not be lost either: a masked `arguments` beside the `args` that go on. */
function unknownFields(what: string, unknown: readonly string[], plugin: ChainPlugin, hook: HookDefinition) {
  return new PluginError(
    {
      message: `Plugin ${plugin.name} returned a ${what} of ${hook.name} with unknown fields: ${unknown.join('; ')}`,
      pluginName: plugin.name,
    },
    { code: 'PLUGIN_RESULT_INVALID' },
  );
}
