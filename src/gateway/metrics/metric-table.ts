/** Values of a label that are told apart; what is beyond them is `other`. */
export const mostValues = { tools: 200, methods: 32, servers: 200, errors: 64 } as const;

/** Every metric by its name: what it counts, and its labels. The names are OpenTelemetry's as Prometheus writes them. */
export const metricTable = {
  mcp_server_operation_duration_seconds: {
    help: 'Requests of agents, from the first look at them to the answer.',
    labelNames: ['mcp_method_name', 'gen_ai_tool_name', 'error_type'],
  },
  mcp_client_operation_duration_seconds: {
    help: 'Calls of servers behind the gateway.',
    labelNames: ['mcp_method_name', 'gen_ai_tool_name', 'error_type', 'mcp_server_name', 'network_transport'],
  },
  mcp_server_session_duration_seconds: { help: 'Clients that have left, by how long they were there.', labelNames: [] },
  mcp_client_session_duration_seconds: {
    help: 'Sessions with servers that have ended, by how long they were open.',
    labelNames: [],
  },
  gatechart_denied_total: {
    help: 'What was refused, by who refused it and why.',
    labelNames: ['rule_kind', 'error_type'],
  },
  gatechart_server_state: { help: '1 for the state that a server is in.', labelNames: ['server', 'state'] },
  gatechart_server_restarts_total: {
    help: 'Connections with a server that took the place of others.',
    labelNames: ['server'],
  },
  gatechart_server_calls_waiting: { help: 'Calls of a server that wait for others.', labelNames: ['server'] },
  gatechart_server_calls_running: { help: 'Calls that a server has.', labelNames: ['server'] },
  gatechart_calls: { help: 'Calls that run in the gateway.', labelNames: [] },
  gatechart_clients: { help: 'Clients that are connected.', labelNames: [] },
  gatechart_audit_dropped_total: { help: 'Lines that the audit log has lost.', labelNames: [] },
} as const;

export type MetricName = keyof typeof metricTable;
