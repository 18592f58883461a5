import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const here = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));
const gatechart = here('../../../dist/src/cli/main.js');

/**
 * What came of a call, as the client of a gateway sees it.
 *
 * @typedef {object} Outcome
 * @property {'answered' | 'refused'} outcome
 * @property {string} text what an agent reads
 * @property {{ code: string, message: string, rule?: string, violationCode?: string }} [error] what a program reads
 */

/**
 * Starts the gateway as an MCP client does with the entry of its `.mcp.json`, and connects to it.
 *
 * @param {{ rules: string, env: Record<string, string> }} options
 */
export async function connectGateway({ rules, env }) {
  const args = ['serve', '--servers', here('mcp.json'), '--rules', rules, '--plugins', here('plugins.yaml'), '--debug'];
  const client = new Client({ name: 'quickstart', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [gatechart, ...args],
    env: { ...env, PATH: process.env.PATH ?? '' },
    stderr: 'ignore',
  });
  await client.connect(transport);

  /**
   * @param {string} name
   * @param {Record<string, unknown>} args
   */
  const call = async (name, args) => {
    const result = await client.callTool({ name, arguments: args });
    return /** @type {{ content: { text?: string }[], isError?: boolean, structuredContent: any }} */ (result);
  };

  return {
    /** @param {string} agent */
    async servers(agent) {
      const { structuredContent } = await call('list_servers', { agent_id: agent });
      return /** @type {{ name: string }[]} */ (structuredContent.result).map(({ name }) => name);
    },

    /**
     * @param {string} agent
     * @param {string} server
     */
    async tools(agent, server) {
      const { structuredContent } = await call('get_server_tools', { agent_id: agent, server });
      return /** @type {{ name: string }[]} */ (structuredContent.tools).map(({ name }) => name);
    },

    /**
     * One call of a tool, through the gateway.
     *
     * @param {string} agent
     * @param {string} server
     * @param {string} tool
     * @param {Record<string, unknown>} args
     * @returns {Promise<Outcome>}
     */
    async execute(agent, server, tool, args) {
      const { content, isError, structuredContent } = await call('execute_tool', {
        agent_id: agent,
        server,
        tool,
        args,
      });
      const text = content[0]?.text ?? '';
      return isError === true
        ? { outcome: 'refused', text, error: structuredContent?.error }
        : { outcome: 'answered', text };
    },

    /**
     * Where each server is, and why.
     *
     * @returns {Promise<{ name: string, state: string, restarts: number, lastError?: string }[]>}
     */
    async status() {
      const { structuredContent } = await call('get_gateway_status', { agent_id: 'operator' });
      return structuredContent.servers;
    },

    close: () => client.close(),
  };
}
