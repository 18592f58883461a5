import type { ServerCapabilities } from '@modelcontextprotocol/sdk/types.js';
import type { ListKind } from '../server-set-api.js';

/** How a list is asked for, and what is in it. */
export interface ListForm {
  readonly method: string;
  /** The member of an answer that holds the items. */
  readonly member: string;
  /** The member of an item that tells it from others. */
  readonly id: string;
  /** What a server says that has such lists. */
  readonly capability: keyof ServerCapabilities;
}

export const listForms: Readonly<Record<ListKind, ListForm>> = {
  tools: { method: 'tools/list', member: 'tools', id: 'name', capability: 'tools' },
  prompts: { method: 'prompts/list', member: 'prompts', id: 'name', capability: 'prompts' },
  resources: { method: 'resources/list', member: 'resources', id: 'uri', capability: 'resources' },
  resourceTemplates: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    id: 'uriTemplate',
    capability: 'resources',
  },
};

export const listKinds = Object.keys(listForms) as readonly ListKind[];

/** The lists that a notification says have changed. */
export function listsChangedBy(method: string): readonly ListKind[] {
  switch (method) {
    case 'notifications/tools/list_changed':
      return ['tools'];
    case 'notifications/prompts/list_changed':
      return ['prompts'];
    case 'notifications/resources/list_changed':
      return ['resources', 'resourceTemplates'];
    default:
      return [];
  }
}
