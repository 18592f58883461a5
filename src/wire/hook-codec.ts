import type { HookDefinition } from '../hooks/hook.js';
import { PayloadCodec } from './payload-codec.js';

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
  // ContextForge fills these fields in; its plugins read them without looking.
  const payload = new PayloadCodec(hook.name, hook.payload, hook.emptyIsAbsent);
  const result = hook.result === undefined ? payload : new PayloadCodec(hook.name, hook.result);
  const codec = { payload, result };
  codecs.set(hook, codec);
  return codec;
}
