import type { CallRecord } from '../call/call-record.js';

/** Who refused: the rules file, the entry of the server, a plugin, the proof that HTTP asks for, or nobody but the gateway. */
export function ruleKind({ error, operation, rule }: Pick<CallRecord, 'error' | 'operation' | 'rule'>): string {
  if (operation === 'http') return 'http';
  if (error === 'BLOCKED_BY_PLUGIN') return 'plugin';
  if (rule === undefined) return 'none';
  return rule.startsWith('agents.') ? 'rules' : 'entry';
}
