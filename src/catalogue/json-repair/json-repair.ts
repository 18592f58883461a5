import { z } from 'zod';
import { isRecord } from '../../json/records.js';
import { definePlugin } from '../../plugins/define-plugin.js';
import { missingPackage } from '../optional-package.js';
import { isJson, repaired } from './heuristics.js';

/** Makes JSON of a text that is none; undefined where it cannot. */
type Repair = (text: string) => string | undefined;

/** Makes JSON of texts that tools answer and that are nearly JSON. */
export const jsonRepair = definePlugin({
  config: z.strictObject({ engine: z.enum(['heuristics', 'jsonrepair']).default('heuristics') }),
  async initialize({ config }) {
    if (config.engine === 'jsonrepair') await loadRepair();
  },
  changesPayloads: () => true,
  hooks: {
    async tool_post_invoke(payload, { plugin: { config } }) {
      const repair = config.engine === 'jsonrepair' ? await loadRepair() : repaired;
      const result = repairedResult(payload.result, repair);
      if (result === payload.result) return;
      return { modifiedPayload: { ...payload, result }, metadata: { repaired: true } };
    },
  },
});

/** A text, or the text parts of what MCP calls a `CallToolResult`; the very same result where nothing was repaired. */
function repairedResult(result: unknown, repair: Repair): unknown {
  if (typeof result === 'string') return repairedText(result, repair);
  if (!isRecord(result) || !Array.isArray(result['content'])) return result;
  const { content } = result;
  const parts = content.map((part: unknown) => {
    if (!isRecord(part) || part['type'] !== 'text' || typeof part['text'] !== 'string') return part;
    const text = repairedText(part['text'], repair);
    return text === part['text'] ? part : { ...part, text };
  });
  return parts.some((part, index) => part !== content[index]) ? { ...result, content: parts } : result;
}

function repairedText(text: string, repair: Repair): string {
  return isJson(text) ? text : (repair(text) ?? text);
}

async function loadRepair(): Promise<Repair> {
  const { jsonrepair } = await import('jsonrepair').catch(missingPackage('jsonrepair'));
  return (text) => {
    // It makes a JSON string of any prose.
    if (!/[[{:]/.test(text)) return undefined;
    try {
      return jsonrepair(text);
    } catch {
      return undefined;
    }
  };
}
