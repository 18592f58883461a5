import { isDeepStrictEqual } from 'node:util';
import type { Listed } from '../../downstream/server-set-api.js';
import { excerpt } from '../../json/excerpt.js';
import { jsonProblem } from '../../json/json-data.js';
import { isPlainObject } from '../../json/records.js';
import { quoted } from './quoted-text.js';
import { textKeys } from './text-cleaning.js';

/** What of a list is offered after plugins saw it. */
export interface AcceptedList {
  /** In the order of the server. */
  readonly tools: readonly Listed[];
  /** Sentences on what plugins answered and is not offered. */
  readonly refused: readonly string[];
}

/** What plugins may change of a tool, or leave out. */
const openFields: ReadonlySet<string> = new Set(['title', 'description', 'annotations', 'icons', '_meta']);

/** Of what plugins may change the texts alone: arguments are checked by the server, against its own schema. */
const schemaFields: ReadonlySet<string> = new Set(['inputSchema', 'outputSchema']);

/**
 * What plugins made of a list of tools with `tool_list_post`. They may take tools away, and change their texts and
 * annotations. A tool that was not there, that came twice or is no longer the same is not offered.
 *
 * @param before what they were given: tools with names, each only once
 * @param after `tools` of the payload as it came out of the chain
 */
export function acceptListResult(before: readonly Listed[], after: readonly unknown[]): AcceptedList {
  const given = new Map(before.map((tool) => [tool['name'], tool]));
  const accepted = new Map<string, Listed>();
  const refused: string[] = [];
  for (const tool of after) {
    const name = isPlainObject(tool) ? tool['name'] : undefined;
    const original = given.get(name);
    if (!isPlainObject(tool) || typeof name !== 'string') refused.push('a plugin listed what is no tool');
    else if (original === undefined) refused.push(`a plugin listed a tool that is not there: ${quoted(name)}`);
    else if (accepted.has(name)) refused.push(`a plugin listed the tool ${quoted(name)} twice`);
    else {
      const problem = changeProblem(original, tool);
      if (problem === undefined) accepted.set(name, tool);
      else refused.push(`a plugin changed the tool ${quoted(name)}, which is not offered: ${problem}`);
    }
  }
  const tools = before.map(({ name }) => (typeof name === 'string' ? accepted.get(name) : undefined));
  return { tools: tools.filter((tool) => tool !== undefined), refused };
}

function changeProblem(before: Listed, after: Listed): string | undefined {
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[field], after[field]];
    if (was === is) continue;
    const notJson = jsonProblem(is ?? null, field);
    if (notJson !== undefined) return notJson;
    if (openFields.has(field) || isDeepStrictEqual(was, is)) continue;
    if (!schemaFields.has(field)) return `plugins may not change its ${excerpt(field, 60)}`;
    if (!isDeepStrictEqual(withoutTexts(was), withoutTexts(is)))
      return `plugins may change titles and descriptions in its ${field}, and nothing else`;
  }
  return undefined;
}

/** A schema without what is there for people. Only called on what `jsonProblem` has nothing against, so not without end. */
function withoutTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTexts);
  if (!isPlainObject(value)) return value;
  return Object.entries(value)
    .filter(([key, inner]) => inner !== undefined && !(typeof inner === 'string' && textKeys.has(key)))
    .map(([key, inner]) => [key, withoutTexts(inner)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
