import { isRecord } from '../../json/records.js';
import type { RetrySettings } from './retry-settings.js';

/** Characters of a text part that are read as JSON; what is longer is an answer, and no word of a failure. */
const longestText = 65_536;

/**
 * Whether a tool's result says that it failed, and may not fail when it is called again. Of a result that is an error, the
 * status in its structured content decides, where there is one; texts are looked at only where there is no such content.
 */
export function isTransientFailure(result: unknown, settings: RetrySettings): boolean {
  if (!isRecord(result)) return false;
  const { structuredContent: structured, content, isError } = result;
  const status = statusOf(structured);
  if (isError === true) return status === undefined || settings.retryOnStatus.includes(status);
  if (structured !== undefined && structured !== null) return saysFailure(structured, settings);
  if (!settings.checkTextContent || !Array.isArray(content)) return false;
  return content.some((part: unknown) => saysFailure(documentOf(part), settings));
}

function saysFailure(said: unknown, settings: RetrySettings): boolean {
  const status = statusOf(said);
  if (status !== undefined && settings.retryOnStatus.includes(status)) return true;
  return isRecord(said) && said['isError'] === true;
}

/** What a text part holds, if that is a JSON object. */
function documentOf(part: unknown): unknown {
  return isRecord(part) && part['type'] === 'text' && typeof part['text'] === 'string'
    ? parsed(part['text'])
    : undefined;
}

function statusOf(value: unknown): number | undefined {
  if (!isRecord(value)) return undefined;
  const { status_code: status } = value;
  // To Python, truth values are numbers: a status that is none of those to retry on.
  if (typeof status === 'boolean') return Number(status);
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined;
}

function parsed(text: string): unknown {
  if (text.length > longestText || !text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
