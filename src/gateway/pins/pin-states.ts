import type { Listed } from '../../downstream/server-set-api.js';
import { type ContentField, differingFields, type ToolHash, toolHash } from './tool-hash.js';

/** Tool → what was approved of it. */
export type ServerPins = ReadonlyMap<string, ToolHash>;

/** Server → its tools. */
export type Pins = ReadonlyMap<string, ServerPins>;

/** How a tool stands to what was approved. All but `approved` are pending. */
export type PinState =
  | { readonly state: 'approved'; readonly tool: string }
  | {
      readonly state: 'new';
      readonly tool: string;
      /** One that is missing and had the same content. */
      readonly renamedFrom: string | undefined;
    }
  | { readonly state: 'changed'; readonly tool: string; readonly fields: readonly ContentField[] }
  | { readonly state: 'missing'; readonly tool: string };

/** Whether a tool is there as it was approved. */
export function isApproved(pins: ServerPins | undefined, tool: Listed, is = toolHash(tool)): boolean {
  const { name } = tool;
  const approved = typeof name === 'string' ? pins?.get(name) : undefined;
  return approved !== undefined && approved.hash === is?.hash;
}

/** All tools of a server in the order of its list, and then those that it no longer has. */
export function pinStates(pins: ServerPins | undefined, tools: readonly Listed[]): readonly PinState[] {
  const listed = new Set(tools.map(({ name }) => name));
  const missing = [...(pins ?? [])].filter(([tool]) => !listed.has(tool));
  const states = tools.map((tool): PinState => {
    const name = typeof tool['name'] === 'string' ? tool['name'] : '';
    if (isApproved(pins, tool)) return { state: 'approved', tool: name };
    const [was, is] = [pins?.get(name), toolHash(tool)];
    if (was !== undefined)
      return { state: 'changed', tool: name, fields: is === undefined ? [] : differingFields(was, is) };
    const same = missing.find(([, hash]) => is !== undefined && differingFields(hash, is).length === 0);
    return { state: 'new', tool: name, renamedFrom: same?.[0] };
  });
  return [...states, ...missing.map(([tool]): PinState => ({ state: 'missing', tool }))];
}
