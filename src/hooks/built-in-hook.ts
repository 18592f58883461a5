import type { z } from 'zod';
import { lazySchema } from '../config/lazy-schema.js';
import type { HookDefinition } from './hook.js';

/** A hook whose schemas are made when they are first used. */
interface Declaration<Name extends string, Payload, Result>
  extends Omit<HookDefinition<Name, Payload, Result>, 'payload' | 'result'> {
  readonly payload: () => z.ZodType<Payload>;
  readonly result?: (() => z.ZodType<Result>) | undefined;
}

/** Like `defineHook`, for hooks that every program has and of which it uses a few. */
export function builtInHook<const Name extends string, Payload, Result = Payload>({
  payload,
  result,
  ...rest
}: Declaration<Name, Payload, Result>): HookDefinition<Name, Payload, Result> {
  const made = lazySchema(payload);
  const hook = {
    ...rest,
    get payload() {
      return made();
    },
  };
  return result === undefined ? hook : withResult(hook, lazySchema(result));
}

function withResult<Name extends string, Payload, Result>(
  hook: HookDefinition<Name, Payload, Result>,
  result: () => z.ZodType<Result>,
): HookDefinition<Name, Payload, Result> {
  return Object.defineProperty(hook, 'result', { get: result, enumerable: true });
}
