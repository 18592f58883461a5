import type { Violation } from '../../hooks/hook-result.js';
import { isRecord, setOwn } from '../../json/records.js';
import { codePoints, measure, truncated } from './text-limits.js';
import type { LengthSettings } from './settings.js';
import { depthViolation, sizeViolation, textViolation } from './violations.js';

/** A result may not pass. Thrown, because it ends a walk from any depth. */
export class OutputRefused extends Error {
  readonly violation: Violation;
  readonly metadata: Readonly<Record<string, unknown>>;

  constructor(violation: Violation, metadata: Readonly<Record<string, unknown>>) {
    super(violation.description);
    this.violation = violation;
    this.metadata = metadata;
  }
}

/** A text as it may pass, and what is noted of it. */
export interface GuardedText {
  readonly text: string;
  readonly note: Readonly<Record<string, unknown>>;
}

/**
 * A text that stands for itself.
 *
 * @throws OutputRefused
 */
export function guardText(text: string, settings: LengthSettings): GuardedText {
  const found = measure(text, settings);
  const { length, outside } = found;
  if (outside === undefined) return { text, note: { original_length: length, within_bounds: true } };
  const { limit_mode, strategy } = settings;
  const outOfBounds = { original_length: length, within_bounds: false, limit_mode, strategy };
  if (strategy === 'block') {
    const violation = textViolation(found, settings);
    const note = { ...violation.details, ...outOfBounds, truncated: false, new_length: length };
    throw new OutputRefused(violation, note);
  }
  if (outside === 'below') return { text, note: { ...outOfBounds, truncated: false, new_length: length } };
  const cut = truncated(text, settings);
  return { text: cut, note: { ...outOfBounds, truncated: true, new_length: codePoints(cut) } };
}

/**
 * Any value with its texts cut; the very same value where nothing changed. Keys of objects are left alone.
 *
 * @param name what stands in the metadata for the value as a whole
 * @throws OutputRefused also for what is too deep or too large to be looked at, whatever the strategy
 */
export function guardStructure(value: unknown, settings: LengthSettings, name: string): unknown {
  const { limit_mode, strategy, min_tokens, max_tokens, chars_per_token } = settings;
  const { max_structure_size: largest, max_recursion_depth: deepest } = settings;
  const refuse = (violation: Violation, length?: number): never => {
    throw new OutputRefused(violation, {
      min_tokens,
      max_tokens,
      chars_per_token,
      ...violation.details,
      within_bounds: false,
      limit_mode,
      strategy,
      truncated: false,
      structured_content_blocked: true,
      location: name,
      ...(length !== undefined && { original_length: length, new_length: length }),
    });
  };
  const guarded = (part: unknown, location: string, depth: number): unknown => {
    if (depth > deepest) refuse(depthViolation(depth, deepest, location || 'root'));
    if (typeof part === 'string') {
      const found = measure(part, settings);
      if (found.outside === undefined) return part;
      if (strategy === 'block') refuse(textViolation(found, settings, location || 'root'), found.length);
      return found.outside === 'above' ? truncated(part, settings) : part;
    }
    if (Array.isArray(part)) {
      if (part.length > largest) refuse(sizeViolation('List', part.length, largest, location || 'root'));
      const made = part.map((item, index) => guarded(item, `${location}[${index}]`, depth + 1));
      return made.some((item, index) => item !== part[index]) ? made : part;
    }
    if (!isRecord(part)) return part;
    const keys = Object.keys(part);
    if (keys.length > largest) refuse(sizeViolation('Dict', keys.length, largest, location || 'root'));
    let copy: Record<string, unknown> | undefined;
    for (const key of keys) {
      const made = guarded(part[key], location === '' ? key : `${location}.${key}`, depth + 1);
      if (made !== part[key]) setOwn((copy ??= { ...part }), key, made);
    }
    return copy ?? part;
  };
  return guarded(value, '', 0);
}
