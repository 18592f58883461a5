import { isRecord } from '../json/records.js';
import { saysViolation } from './failure-codec.js';
import { saysStop } from './result-codec.js';

/** True for a document that says stop, or stands for a thrown violation, whatever else is odd about it. */
export function isStop(document: unknown): document is Record<string, unknown> {
  return isRecord(document) && (saysStop(document['result']) || saysViolation(document['error']));
}
