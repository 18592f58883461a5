import { types } from 'node:util';
import { messageOf } from '../errors.js';
import { isPlainObject } from '../json/records.js';
import type { Violation } from '../hooks/hook-result.js';
import { PluginViolationError } from '../plugins/plugin-error.js';

/** A tool result of MCP that says the call failed, in words for the agent that made it. */
export interface ToolError {
  readonly content: [{ readonly type: 'text'; readonly text: string }];
  readonly isError: true;
}

export function toolError(text: string): ToolError {
  return { content: [{ type: 'text', text }], isError: true };
}

/** What a tool threw, in all the words that frameworks may tell a model of it: of what is no error that is its JSON. */
export function thrownText(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown instanceof Error || types.isNativeError(thrown)) return messageOf(thrown);
  try {
    return JSON.stringify(thrown) ?? messageOf(thrown);
  } catch {
    return messageOf(thrown);
  }
}

/** The words in a tool result that says the call failed. */
export function failureText(result: unknown): string {
  const content: unknown = isPlainObject(result) ? result['content'] : undefined;
  const [first]: unknown[] = Array.isArray(content) ? content : [];
  return isPlainObject(first) && typeof first['text'] === 'string' ? first['text'] : 'The tool failed.';
}

/** What an agent is told of a block. The violation's details are for the program, and left out. */
export function blockText(violation: Violation): string {
  const { pluginName, reason, description, code } = violation;
  const sentences = [reason, description]
    .map((text) => text.trim().replace(/[.\s]+$/, ''))
    .filter((text) => text !== '');
  const who = pluginName === undefined ? '' : ` by ${pluginName}`;
  return `Blocked${who}: ${sentences.join('. ')}${code === '' ? '' : ` (${code})`}.`;
}

export function violationError(hook: string, violation: Violation): PluginViolationError {
  return new PluginViolationError(hook, violation.pluginName ?? 'unknown', violation);
}
