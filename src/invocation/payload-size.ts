import { GatechartError } from '../errors.js';
import { frozenCopy } from '../hooks/payload-copy.js';

/**
 * The frozen copy of a payload that plugins get.
 *
 * @param maxSize characters and bytes of the whole payload, counted as {@link frozenCopy} says
 * @throws GatechartError PAYLOAD_TOO_LARGE, PAYLOAD_INVALID for one that contains itself
 */
export function checkedCopy(payload: unknown, maxSize: number, hook: string): unknown {
  let copied: ReturnType<typeof frozenCopy>;
  try {
    copied = frozenCopy(payload);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new GatechartError('PAYLOAD_INVALID', `The payload of ${hook} ${error.message}.`, { details: { hook } });
  }
  if (copied.size > maxSize) {
    throw new GatechartError(
      'PAYLOAD_TOO_LARGE',
      `The payload of ${hook} has ${copied.size} characters, more than the ${maxSize} that max_payload_size allows.`,
      { details: { hook, size: copied.size, limit: maxSize } },
    );
  }
  return copied.value;
}
