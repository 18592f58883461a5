import type { AnyStateMachine } from 'xstate';
import {
  answerResumptionMachine,
  branchMachine,
  callMachine,
  circuitBreakerMachine,
  configWatchMachine,
  connectionMachine,
  downstreamSessionMachine,
  eventStreamMachine,
  gatewayCallMachine,
  invocationMachine,
  listWatchMachine,
  loginMachine,
  pluginMachine,
  pooledManagerMachine,
  poolEntryMachine,
  reloadMachine,
  serverMachine,
  webhookDeliveryMachine,
} from '../../../machines/index.js';

export interface CataloguedMachine {
  readonly machine: AnyStateMachine;
  /** Path of its declaration from the root of the repository. */
  readonly file: string;
  /** What one actor of this machine stands for. */
  readonly about: string;
}

/** Every machine there is, by its id. */
export const machineCatalogue: ReadonlyMap<string, CataloguedMachine> = new Map(
  [
    {
      machine: connectionMachine,
      file: 'machines/connection.machine.ts',
      about:
        'A connection to one server, from the first call to the end of its owner. It opens one link at a time, opens the next one when a link is lost, and holds calls back until there is one.',
    },
    {
      machine: callMachine,
      file: 'machines/call.machine.ts',
      about:
        'One request over a connection. It ends in exactly one of its final states, and each of them settles the promise of the caller.',
    },
    {
      machine: eventStreamMachine,
      file: 'machines/event-stream.machine.ts',
      about:
        'The stream on which an MCP server over HTTP says things unasked. It is optional: it is asked for again for as long as the link is open, and calls go on without it.',
    },
    {
      machine: answerResumptionMachine,
      file: 'machines/answer-resumption.machine.ts',
      about:
        'The rest of one answer over HTTP, whose event stream ended before the answer had come. There is one only from then on: most answers come whole.',
    },
    {
      machine: invocationMachine,
      file: 'machines/invocation.machine.ts',
      about:
        'One invocation of one hook. Plugins run in phases: those that may change the payload one after the other, each against its own deadline, then those that only judge it side by side. What runs in the background starts with the answer.',
    },
    {
      machine: branchMachine,
      file: 'machines/branch.machine.ts',
      about:
        'One plugin that runs beside others: one of those that judge the payload side by side, or one that runs after the answer, in the background.',
    },
    {
      machine: pluginMachine,
      file: 'machines/plugin.machine.ts',
      about:
        'A plugin of a configuration, from its loading to its end, whether it runs in this process or its server elsewhere.',
    },
    {
      machine: reloadMachine,
      file: 'machines/reload.machine.ts',
      about:
        'The changes of what runs under a configuration, of plugins or of servers behind us: another configuration, or another mode of one plugin. One after the other, and each as a whole or not at all.',
    },
    {
      machine: configWatchMachine,
      file: 'machines/config-watch.machine.ts',
      about:
        'The watch over the file of a configuration, where its owner was told to follow it. It ends with the owner.',
    },
    {
      machine: poolEntryMachine,
      file: 'machines/pool-entry.machine.ts',
      about:
        'One key of a pool of managers. Its overrides are asked for when somebody asks for its manager and again when they may have changed, and one manager is built at a time.',
    },
    {
      machine: pooledManagerMachine,
      file: 'machines/pooled-manager.machine.ts',
      about:
        'A manager of a pool, from when it is built. When another takes its place, or its room, those who use it may finish before it is closed.',
    },
    {
      machine: gatewayCallMachine,
      file: 'machines/gateway-call.machine.ts',
      about:
        'One request of an agent through the gateway: may it, what do the hooks before it say, what does the server answer, what do the hooks after it say. A plugin may want the server to be asked again.',
    },
    {
      machine: loginMachine,
      file: 'machines/login.machine.ts',
      about:
        'The login at one MCP server behind the gateway. Nothing is asked of anybody before the server refuses a request; of what asks for tokens, one thing runs at a time.',
    },
    {
      machine: listWatchMachine,
      file: 'machines/list-watch.machine.ts',
      about:
        'The watch over the lists that one client of the gateway has seen, in the face that shows what all servers have. It ends with the client.',
    },
    {
      machine: downstreamSessionMachine,
      file: 'machines/downstream-session.machine.ts',
      about:
        'A session with an MCP server behind us, over a connection of its own. When it is not wanted any more, the calls on it may finish before it is closed.',
    },
    {
      machine: serverMachine,
      file: 'machines/server.machine.ts',
      about:
        'A server, from its start to its end: what clients reach over HTTP, stdio, a Unix socket or gRPC. It stops when its owner closes it, or when there will be no more clients.',
    },
    {
      machine: circuitBreakerMachine,
      file: 'machines/circuit-breaker.machine.ts',
      about:
        'Whether calls of one tool pass, where the plugin `circuit-breaker` is put on them. It is there from the first answer of the tool, and as long as there is room.',
    },
    {
      machine: webhookDeliveryMachine,
      file: 'machines/webhook-delivery.machine.ts',
      about:
        'One event on its way to one webhook of the plugin `webhook-notification`. It is sent again after a while where it was not taken.',
    },
  ].map((entry) => [entry.machine.id, entry]),
);
