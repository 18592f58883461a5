import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { packageVersion } from '../package-version.js';
import type { McpService } from '../serving/mcp/mcp-service.js';
import { RpcError } from '../serving/mcp/rpc-error.js';
import type { GatewayClients } from './clients/gateway-clients.js';
import type { Face } from './faces/face.js';
import type { Operations } from './telemetry/operations.js';

/** The MCP server that agents see. */
export function gatewayService(face: Face, clients: GatewayClients, operations: Operations | undefined): McpService {
  const { capabilities, instructions } = face;
  return {
    info: { name: 'gatechart', version: packageVersion },
    capabilities,
    ...(instructions !== undefined && { instructions }),
    clients,
    workOf: (request) => {
      const work = face.workOf(request);
      if (work === undefined) throw new RpcError(ErrorCode.MethodNotFound, 'Method not found', request.method);
      return operations === undefined ? work : operations.served(request, work);
    },
    answer: ({ method }) => {
      throw new RpcError(ErrorCode.MethodNotFound, 'Method not found', method);
    },
  };
}
