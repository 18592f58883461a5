import type { Tool } from '@modelcontextprotocol/sdk/types.js';

/** How plugin servers introduce themselves; hosts in the field look for these words. */
export const serverInfo = { name: 'MCP Plugin Server', version: '' };
export const serverInstructions = 'External plugin server for ContextForge';

const anyObject = (title: string) => ({ title, type: 'object', additionalProperties: true });
const text = (title: string) => ({ title, type: 'string' });

/** The three tools of a plugin server. Names, arguments and schemas are the contract; descriptions are ours. */
export const pluginTools: readonly Tool[] = [
  {
    name: 'get_plugin_configs',
    description: 'Lists the configurations of all plugins on this server.',
    inputSchema: { type: 'object', title: 'get_plugin_configsArguments', properties: {} },
    outputSchema: {
      type: 'object',
      title: 'get_plugin_configsOutput',
      properties: { result: { title: 'Result', type: 'array', items: { type: 'object', additionalProperties: true } } },
      required: ['result'],
    },
  },
  {
    name: 'get_plugin_config',
    description: 'Gives the configuration of one plugin, or an empty object if there is no plugin of that name.',
    inputSchema: {
      type: 'object',
      title: 'get_plugin_configArguments',
      properties: { name: text('Name') },
      required: ['name'],
    },
  },
  {
    name: 'invoke_hook',
    description: 'Runs one hook of one plugin and gives its result, or its error, with the context it leaves behind.',
    inputSchema: {
      type: 'object',
      title: 'invoke_hookArguments',
      properties: {
        hook_type: text('Hook Type'),
        plugin_name: text('Plugin Name'),
        payload: anyObject('Payload'),
        context: anyObject('Context'),
      },
      required: ['hook_type', 'plugin_name', 'payload', 'context'],
    },
  },
];
