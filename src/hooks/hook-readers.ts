import type { HookDefinition } from './hook.js';
import { PayloadReader } from './payload-reader.js';

/** How the payloads of a hook are read, and its results where they are something else. */
export interface HookReaders {
  readonly payload: PayloadReader;
  readonly result: PayloadReader | undefined;
}

const readers = new WeakMap<HookDefinition, HookReaders>();

/** The readers of a hook, made once. */
export function hookReaders(hook: HookDefinition): HookReaders {
  const made = readers.get(hook);
  if (made !== undefined) return made;
  const { name } = hook;
  const payload = new PayloadReader({
    what: `The payload of ${name}`,
    hook: name,
    schema: hook.payload,
    headers: hook.headerFields,
  });
  const result =
    hook.result &&
    new PayloadReader({
      what: `The result of ${name}`,
      hook: name,
      schema: hook.result,
      headers: hook.resultIsHeaders === true ? true : undefined,
    });
  readers.set(hook, { payload, result });
  return { payload, result };
}
