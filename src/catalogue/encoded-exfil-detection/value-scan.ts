import { isRecord, setOwn } from '../../json/records.js';
import { ValueTooLargeError } from '../values/text-walk.js';
import { type Suspicion, suspicionsIn, type SuspicionRules } from './suspicion.js';

/** How a value is looked through. */
export interface ScanRules {
  readonly rules: SuspicionRules;
  /** Levels of lists and objects. */
  readonly mostLevels: number;
  /** Characters of one text. */
  readonly longestText: number;
  /** Findings that count in one text. */
  readonly mostFindings: number;
  /** Whether a text that is JSON is looked through as what it says too. */
  readonly readsJson: boolean;
}

/** A suspicion with where in a value it is. */
export interface ExfilFinding extends Suspicion {
  /** `args.a[0]`; a key says `(key)` in place of itself, and what is in JSON in a text is below `(json)`. */
  readonly path: string;
}

/** What was found in a value, and the value without it. */
export interface ScannedValue {
  readonly findings: readonly ExfilFinding[];
  /** The very same value where nothing was found. */
  readonly redacted: unknown;
}

const mostValues = 1_000_000;

/** @throws ValueTooLargeError for a value that has more than can be looked through */
export function scanValue(value: unknown, path: string, scan: ScanRules, redaction: string): ScannedValue {
  const findings: ExfilFinding[] = [];
  let left = mostValues;

  const scanned = (part: unknown, at: string, level: number): unknown => {
    if (--left < 0) throw new ValueTooLargeError(`it has more than ${mostValues} values`);
    if (typeof part === 'string') return scannedText(part, at, level);
    if (!Array.isArray(part) && !isRecord(part)) return part;
    if (level >= scan.mostLevels) throw new ValueTooLargeError(`it is nested deeper than ${scan.mostLevels} levels`);
    return Array.isArray(part) ? scannedList(part, at, level) : scannedRecord(part, at, level);
  };

  const scannedText = (text: string, at: string, level: number): string => {
    if (text.length > scan.longestText) {
      throw new ValueTooLargeError(`it has a text with more than ${scan.longestText} characters`);
    }
    const suspicions = suspicionsIn(text, scan.rules);
    for (const suspicion of suspicions.slice(0, scan.mostFindings)) findings.push({ ...suspicion, path: at });
    const kept = suspicions.length === 0 ? text : withoutSuspicions(text, suspicions, redaction);
    // Where what is kept is no JSON any more, all of it is looked through once more.
    const json = scan.readsJson ? (readJson(kept) ?? readJson(text)) : undefined;
    // What JSON's escapes hide has no place in the text that could be cut out.
    return json === undefined || scanned(json, `${at}(json)`, level + 1) === json ? kept : redaction;
  };

  const scannedList = (list: readonly unknown[], at: string, level: number): readonly unknown[] => {
    const made = list.map((part, index) => scanned(part, `${at}[${index}]`, level + 1));
    return made.some((part, index) => part !== list[index]) ? made : list;
  };

  const scannedRecord = (record: Record<string, unknown>, at: string, level: number): Record<string, unknown> => {
    const made: Record<string, unknown> = {};
    let isSame = true;
    for (const [key, part] of Object.entries(record)) {
      let name = scannedText(key, `${at}.(key)`, level);
      const inner = scanned(part, `${at}.${name === key ? key : '(key)'}`, level + 1);
      if (name !== key || inner !== part) isSame = false;
      while (name !== key && (Object.hasOwn(made, name) || Object.hasOwn(record, name))) name += '_';
      setOwn(made, name, inner);
    }
    return isSame ? record : made;
  };

  return { redacted: scanned(value, path, 0), findings };
}

function readJson(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What overlaps goes as one. */
function withoutSuspicions(text: string, suspicions: readonly Suspicion[], redaction: string): string {
  let kept = '';
  let from = 0;
  for (const { start, end } of suspicions) {
    if (start >= from || from === 0) kept += text.slice(from, start) + redaction;
    from = Math.max(from, end);
  }
  return kept + text.slice(from);
}
