import type { ServerSet } from '../../downstream/server-set-api.js';
import type { ServerEntry } from '../../downstream/server-entry.js';
import type { Admission } from '../call/call-refusals.js';
import { toolFilter } from './tool-filter.js';

/** Whether the entry of a server lets a tool through. Entries are read once each. */
export function entryFilter(servers: ServerSet): (server: string) => (tool: string) => Admission {
  const filters = new WeakMap<ServerEntry['tools'], (tool: string) => Admission>();
  return (server) => {
    const entry = servers.entry(server);
    if (entry === undefined) return passed;
    const known = filters.get(entry.tools);
    if (known !== undefined) return known;
    const passes = toolFilter(entry.tools);
    const made = (tool: string): Admission => {
      if (passes(tool)) return admitted;
      const reason = `Tool '${tool}' of server '${server}' is not offered by this gateway`;
      return { allowed: false, rule: 'tools', reason, code: 'TOOL_NOT_FOUND' };
    };
    filters.set(entry.tools, made);
    return made;
  };
}

const admitted: Admission = Object.freeze({
  allowed: true,
  rule: undefined,
  reason: 'the entry of the server lets it',
});
const passed = (): Admission => admitted;
