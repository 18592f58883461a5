import { realpathSync } from 'node:fs';
import { z } from 'zod';
import { GatechartError } from '../../errors.js';

/** Tells the gateways that a gateway starts as servers which servers files it and those around it have. */
export const outerGatewaysVariable = 'GATECHART_GATEWAYS';

const paths = z.array(z.string());

/**
 * The environment for the servers behind a gateway. A client's file in which the gateway stands is easily taken for the file
 * of the servers behind it, and would start gateways in gateways without end.
 *
 * @param servers path of the servers file
 * @throws GatechartError CONFIG_INVALID where a gateway around this one has the same file
 */
export function environmentOfServers(env: NodeJS.ProcessEnv, servers: string): NodeJS.ProcessEnv {
  const outer = outerGateways(env);
  const file = realpathSync(servers);
  if (outer.includes(file)) {
    throw new GatechartError(
      'CONFIG_INVALID',
      `${servers} has this gateway among its servers, which would start it again and again; put the servers behind the gateway into a file of their own, and name it with --servers`,
    );
  }
  return { ...env, [outerGatewaysVariable]: JSON.stringify([...outer, file]) };
}

function outerGateways(env: NodeJS.ProcessEnv): readonly string[] {
  const text = env[outerGatewaysVariable];
  if (text === undefined) return [];
  try {
    return paths.parse(JSON.parse(text));
  } catch (error) {
    const message = `${outerGatewaysVariable} is set by gateways for those that they start; unset it`;
    throw new GatechartError('CONFIG_INVALID', message, { cause: error });
  }
}
