import { isRecord } from '../json/records.js';
import { saysViolation } from './failure-codec.js';
import type { PayloadCodec } from './payload-codec.js';
import { saysDenial, saysStop } from './result-codec.js';

/**
 * True for a document that says stop, is a denial, or stands for a thrown violation, whatever else is odd about it.
 *
 * @param codec of the results of the hook; undefined for the answer to another question
 */
export function isStop(document: unknown, codec: PayloadCodec | undefined): document is Record<string, unknown> {
  if (!isRecord(document)) return false;
  const { result, error } = document;
  return saysStop(result) || saysViolation(error) || (codec !== undefined && saysDenial(result, codec));
}
