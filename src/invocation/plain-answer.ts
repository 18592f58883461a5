import { types } from 'node:util';
import { isEmpty, isPlainObject } from '../json/records.js';
import { clampedDelay, type PluginResult, type Violation } from '../hooks/hook-result.js';

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** What says neither stop nor anything else. */
export const saysNothing: PluginResult = Object.freeze({});

/**
 * What an answer says that is as most are; undefined for one that the schema has to look at, be it only for the words. What
 * is taken here is what the schema would let through, and comes out the same.
 *
 * @param answer inherits nothing but what every object does, and is no proxy
 * @returns `saysNothing` itself for one that changes nothing
 */
export function plainAnswer(answer: object): PluginResult | undefined {
  try {
    return readPlain(answer);
  } catch {
    // A getter or a proxy in a part of it threw: who looks at each part by itself knows what that means.
    return undefined;
  }
}

function readPlain(answer: object): PluginResult | undefined {
  const result: Mutable<PluginResult> = {};
  let isQuiet = true;
  // Names and symbols apart, which is half as dear as both at once.
  if (Object.getOwnPropertySymbols(answer).length > 0) return undefined;
  for (const key of Object.getOwnPropertyNames(answer)) {
    const property = Object.getOwnPropertyDescriptor(answer, key);
    // Reading it would call a function.
    if (property === undefined || !('value' in property)) return undefined;
    const value: unknown = property.value;
    switch (key) {
      case 'continueProcessing':
        if (value !== undefined && typeof value !== 'boolean') return undefined;
        result.continueProcessing = value;
        isQuiet &&= value !== false;
        break;
      case 'modifiedPayload':
        // It may throw already where it is asked what it is.
        if (types.isProxy(value)) return undefined;
        result.modifiedPayload = value ?? undefined;
        isQuiet &&= result.modifiedPayload === undefined;
        break;
      case 'metadata':
        if (value === undefined || value === null) break;
        if (!isPlainObject(value)) return undefined;
        result.metadata = value;
        isQuiet &&= isEmpty(value);
        break;
      case 'retryDelayMs':
        if (value === undefined || value === null) break;
        if (typeof value !== 'number') return undefined;
        result.retryDelayMs = clampedDelay(value);
        isQuiet &&= value === 0;
        break;
      case 'violation':
        if (value === undefined || value === null) break;
        result.violation = plainViolation(value);
        if (result.violation === undefined) return undefined;
        isQuiet = false;
        break;
      case 'modifiedExtensions':
      case 'denialMetadata':
      case 'httpHeaders':
        if (value !== undefined && value !== null) return undefined;
        break;
      default:
        return undefined;
    }
  }
  return isQuiet ? saysNothing : result;
}

function plainViolation(given: unknown): Violation | undefined {
  if (!isPlainObject(given)) return undefined;
  const { reason, description, code, details, pluginName, mcpErrorCode, httpStatusCode, httpHeaders } = given;
  if (typeof reason !== 'string' || typeof description !== 'string' || typeof code !== 'string') return undefined;
  // They are rare, and have rules of their own.
  if (pluginName !== undefined || mcpErrorCode !== undefined || httpStatusCode !== undefined) return undefined;
  if (httpHeaders !== undefined) return undefined;
  if (details === undefined) return { reason, description, code };
  return isPlainObject(details) ? { reason, description, code, details } : undefined;
}
