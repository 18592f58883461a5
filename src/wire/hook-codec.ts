import type { HookDefinition } from '../hooks/hook.js';
import { mayDeny, ownResultOf } from '../hooks/own-result.js';
import { NestedPayloadCodec } from './nested-payload-codec.js';
import { type DenialReader, PayloadCodec } from './payload-codec.js';

/** What one hook's payloads and results look like on the wire. */
export interface HookCodec {
  readonly payload: PayloadCodec;
  /** `modified_payload`: the payload again, unless the hook has results of its own. */
  readonly result: PayloadCodec;
}

const codecs = new WeakMap<HookDefinition, HookCodec>();

/** The codec of a hook, made once. @throws GatechartError HOOK_DUPLICATE if two fields have one name on the wire */
export function hookCodec(hook: HookDefinition): HookCodec {
  const made = codecs.get(hook);
  if (made !== undefined) return made;
  const codec = hook.nested === true ? nestedCodec(hook) : flatCodec(hook);
  codecs.set(hook, codec);
  return codec;
}

function flatCodec(hook: HookDefinition): HookCodec {
  // ContextForge fills these fields in; its plugins read them without looking.
  const payload = new PayloadCodec(hook.name, hook.payload, hook.emptyIsAbsent);
  if (hook.result === undefined) return { payload, result: payload };
  return { payload, result: new PayloadCodec(hook.name, hook.result, [], denialsOf(hook)) };
}

function nestedCodec(hook: HookDefinition): HookCodec {
  const payload = new NestedPayloadCodec(hook.name, hook.payload);
  if (hook.result === undefined) return { payload, result: payload };
  return { payload, result: new NestedPayloadCodec(hook.name, hook.result, denialsOf(hook)) };
}

/** An odd field beside it must not turn a denial into an error that a mode may overlook. */
function denialsOf(hook: HookDefinition): DenialReader | undefined {
  if (hook.denies === undefined) return undefined;
  return {
    denialIn(value) {
      const own = ownResultOf(value, hook);
      return own !== undefined && hook.denies?.(own) === true ? own : undefined;
    },
    mayDeny: (value) => mayDeny(value, hook),
  };
}
