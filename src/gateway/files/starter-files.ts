import { gatewayFileNames } from './gateway-files.js';

/** The server of the starter files, in the version that they are tested with. */
export const starterServer = '@modelcontextprotocol/server-filesystem@2026.8.31';

/** Whom the starter rules let do something. A gateway that is started for it takes every call for a call of it. */
export const starterAgent = 'assistant';

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
    // Who the gateway is started for: gatechart serve --agent ${starterAgent}. An agent that is not in this file may do nothing.
    "${starterAgent}": {
      "allow": { "servers": ["files"] },
      "deny": { "tools": { "files": ["write_*", "edit_*", "move_*", "create_*"] } }
    }
    // "editor": { "allow": { "servers": ["files"] } }
  },
  "defaults": {
    // A call that names no agent is refused where the gateway is not started for one.
    "deny_on_missing_agent": true
  }
}
`;

/** The files that a gateway starts with as they are, by name. */
export const starterFiles = {
  [gatewayFileNames.servers]: serversText,
  [gatewayFileNames.rules]: rulesText,
} as const;
