import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatechartError, messageOf } from '../../errors.js';
import { gatewayFileNames } from './gateway-files.js';

/** The server of the starter files, in the version that they are tested with. */
export const starterServer = '@modelcontextprotocol/server-filesystem@2026.8.31';

const serversText = `// The MCP servers behind the gateway. Every key: docs/reference/servers-file.md
{
  "mcpServers": {
    "files": {
      "description": "Files of the folder that this file is in",
      "command": "npx",
      // A fixed version: what is run tomorrow is what was looked at today.
      "args": ["-y", "${starterServer}", "\${workspaceFolder}"]
    }
    // "tracker": {
    //   "url": "https://mcp.example.com/mcp",
    //   "headers": { "Authorization": "Bearer \${TRACKER_TOKEN}" },
    //   "tools": { "deny": ["delete_*"] }
    // }
  }
}
`;

const rulesText = `// Who may use what. A deny wins over every allow.
{
  "agents": {
    // Whoever does not say who it is, see below.
    "default": {
      "allow": { "servers": ["files"] },
      "deny": { "tools": { "files": ["write_*", "edit_*", "move_*", "create_*"] } }
    }
    // "editor": { "allow": { "servers": ["files"] } }
  },
  "defaults": {
    // false: a call that names no agent is one of the agent "default". An agent that is not in this file may do nothing.
    "deny_on_missing_agent": false
  }
}
`;

const pluginsText = `# Plugins that look at every call. Start with: gatechart serve --plugins gatechart.plugins.yaml
plugins: []

# plugins:
#   - name: no-secrets
#     kind: ./plugins/no-secrets.js#NoSecrets
#     hooks: [tool_pre_invoke, tool_post_invoke]
#     mode: sequential
`;

/** The files that a gateway starts with as they are. */
const texts = {
  [gatewayFileNames.servers]: serversText,
  [gatewayFileNames.rules]: rulesText,
  'gatechart.plugins.yaml': pluginsText,
} as const;

/** A name of a starter file. */
export type StarterFile = keyof typeof texts;

/** What became of each file. */
export interface StarterFiles {
  readonly written: readonly string[];
  /** Files that were there, and were left alone. */
  readonly kept: readonly string[];
}

/**
 * Writes starter files into a folder, which is made if there is none. Nothing is ever overwritten.
 *
 * @throws GatechartError CONFIG_UNREADABLE if the folder cannot be written to
 */
export function writeStarterFiles(folder: string, names: readonly StarterFile[]): StarterFiles {
  const written: string[] = [];
  const kept: string[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of names) {
      const file = join(folder, name);
      (isNew(file, texts[name]) ? written : kept).push(file);
    }
  } catch (error) {
    throw new GatechartError('CONFIG_UNREADABLE', `${folder} cannot be written to: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return { written, kept };
}

function isNew(file: string, text: string): boolean {
  try {
    // Exclusive: a link that leads elsewhere counts as a file that is there.
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
