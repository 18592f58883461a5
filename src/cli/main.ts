#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { isGatechartError } from '../errors.js';
import { packageVersion } from '../package-version.js';
import type { CheckOptions } from './check-config.js';
import type { CommandIo } from './command-io.js';
import type { ExplainCommand } from './explain.js';
import type { InspectCommand } from './inspect.js';
import type { InvokeCommand } from './invoke.js';
import type { LoginCommand } from './login.js';
import type { PinsCommand } from './pins.js';
import type { PluginServerCommand } from './plugin-server.js';
import type { ReplayCommand } from './replay.js';
import type { ServeCommand } from './serve-options.js';
import type { TopCommand } from './top/top-command.js';

const io: CommandIo = { stdout: process.stdout, stderr: process.stderr, env: process.env };

process.stdout.on('error', (error) => {
  // Whoever reads has heard enough.
  if ('code' in error && error.code === 'EPIPE') return;
  io.stderr.write(`standard output cannot be written: ${error.message}\n`);
  process.exitCode = 2;
});

/** Milliseconds that a stopped server waits for what still holds its process open. */
const lingerMs = 1000;

// Each command loads its own module when it runs: most of a start is spent on loading.
const program = new Command('gatechart')
  .description('Guard-rails around what AI agents do: a gateway in front of MCP servers, with rules and plugins')
  .version(packageVersion)
  .showHelpAfterError()
  // Commander's own exit code for a wrong command line is 1, which `invoke` has a meaning for.
  .exitOverride();

program
  .command('check-config')
  .description('say what is wrong with a plugin configuration, all of it at once')
  .argument('<file>', 'YAML file')
  .option('--strict', 'plugins that never run and variables that are not set are errors')
  .action(
    finish(async (file: string, options: CheckOptions) =>
      (await import('./check-config.js')).checkConfig(file, io, options),
    ),
  );

inspectable(program.command('invoke'))
  .description('run one hook over a payload and print the result')
  .requiredOption('--config <file>', 'YAML file')
  .requiredOption('--hook <name>', 'hook, like tool_pre_invoke')
  .requiredOption('--payload <file>', 'JSON file with the payload')
  .option('--context <file>', 'JSON file with the context')
  .action(
    finish(async (options: InvokeCommand) =>
      (await import('./invoke.js')).invokeOnce(options, { ...io, signals: process }),
    ),
  );

inspectable(program.command('plugin-server'))
  .description('serve the plugins of a configuration until told to stop')
  .option('--config <file>', 'YAML file (default: PLUGINS_CONFIG_PATH, or ./resources/plugins/config.yaml)')
  .option('--transport <transport>', 'stdio, http, grpc or unix (default: stdio, unless standard input is a terminal)')
  .option('--host <host>', 'address to listen on')
  .option('--port <port>', 'port to listen on')
  .option('--uds <path>', 'Unix socket to listen on with http or grpc, instead of host and port')
  .option('--path <path>', 'socket to listen on with --transport unix')
  .action(
    finish(async (options: PluginServerCommand) => {
      const { runPluginServer } = await import('./plugin-server.js');
      const { stdin, stdout, stderr, env } = process;
      const code = await runPluginServer(options, { stdin, stdout, stderr, env, signals: process });
      // A timer that some plugin left behind must not keep a server that was told to stop.
      setTimeout(() => process.exit(code), lingerMs).unref();
      return code;
    }),
  );

inspectable(program.command('serve'))
  .description('put a gateway in front of MCP servers, until told to stop or the client leaves')
  .option(
    '--servers <file>',
    'servers file (default: GATEWAY_MCP_CONFIG, or .mcp.json here, in ~/.config/agent-mcp-gateway or ./config)',
  )
  .option('--rules <file>', 'rules file (default: GATEWAY_RULES, or .mcp-gateway-rules.json in the same places)')
  .option('--plugins <file>', 'YAML file with the plugins that look at every call')
  .option('--transport <transport>', 'stdio or http', 'stdio')
  .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
  .option('--port <port>', 'port to listen on (default: 8000)')
  .option('--http <file>', 'JSON file with more of HTTP: TLS, OAuth, rates, limits')
  .option('--face <face>', 'on-demand: a few tools stand for all; transparent: all that all servers offer', 'on-demand')
  .option(
    '--prefix <when>',
    'server names before those of tools: auto, always or never; for --face transparent',
    'auto',
  )
  .option('--agent <name>', 'the agent that every call is made for')
  .option('--strict', 'what is not known in servers and rules is an error, and one bad server stops all')
  .option('--envelope <form>', 'content, or reference: answers of execute_tool in one text', 'content')
  .option('--debug', 'offer get_gateway_status (GATEWAY_DEBUG)')
  .option('--init', 'write the files into ~/.config/agent-mcp-gateway, and end')
  .version(packageVersion)
  .action(
    finish(async ({ init, ...command }: ServeCommand & { readonly init?: boolean }) => {
      if (init === true) return (await import('./init.js')).initUser(io);
      const { serveCommand } = await import('./serve.js');
      const { stdin, stdout, stderr, env } = process;
      const code = await serveCommand(command, { stdin, stdout, stderr, env, signals: process });
      // A timer that some plugin left behind must not keep a gateway that was told to stop.
      setTimeout(() => process.exit(code), lingerMs).unref();
      return code;
    }),
  );

program
  .command('init')
  .description('write the files of a gateway that starts as they are; what is there is kept')
  .argument('[folder]', 'where to write them', '.')
  .action(finish(async (folder: string) => (await import('./init.js')).initFolder(folder, io)));

program
  .command('login')
  .description('log in at a server that asks for it, and keep the login for the gateway')
  .argument('<server>', 'name of the server')
  .option('--servers <file>', 'servers file (default: as the gateway finds it)')
  .option('--port <port>', 'port that the browser comes back to (default: a free one)')
  .option('--no-browser', 'print the address, and open no browser')
  .action(
    finish(async (server: string, options: LoginCommand) => {
      const { stdout, stderr, env } = process;
      return (await import('./login.js')).login(server, options, { stdout, stderr, env, open: openBrowser });
    }),
  );

program
  .command('logout')
  .description('forget the login at a server')
  .argument('<server>', 'name of the server')
  .option('--servers <file>', 'servers file (default: as the gateway finds it)')
  .action(
    finish(async (server: string, options: { servers?: string }) =>
      (await import('./login.js')).logout(server, options, io),
    ),
  );

program
  .command('inspect')
  .description('look into what runs with --inspect, or at a recording')
  .argument('<what>', 'the address that the process has printed, or the file of a recording')
  .option('--port <port>', 'port to serve a recording on (default: 4983)')
  .option('--no-browser', 'open no browser')
  .action(
    finish(async (what: string, options: InspectCommand) => {
      const { inspect } = await import('./inspect.js');
      return inspect(what, options, { ...io, signals: process, open: openBrowser });
    }),
  );

program
  .command('charts')
  .description('print the machines as charts')
  .option('--machine <id>', 'one machine; all of them if left out')
  .option('--format <format>', 'mermaid, json, stately (code for its import form) or svg', 'mermaid')
  .action(
    finish(async (options: { machine?: string; format?: string }) =>
      (await import('./charts.js')).printCharts(options, io),
    ),
  );

program
  .command('replay')
  .description('run the machines again on a recording, and say where they depart from it')
  .argument('<file>', 'recording, as --record writes it')
  .option('--step', 'one event with each press of Enter; q ends')
  .option('--to <event>', 'up to the number of an event, a time like 12.5s, or a moment')
  .option('--until <actor=state>', 'until an actor is in a state, like connection:github=failed')
  .option('--json', 'print JSON, a line for each event')
  .option('--to-test <file>', 'write a vitest file that replays it')
  .option('--inspect [port]', 'show it in the inspector')
  .action(
    finish(async (file: string, options: ReplayCommand) => {
      const { replay } = await import('./replay.js');
      const { stdin, stdout, stderr, env } = process;
      return replay(file, options, { stdin, stdout, stderr, env, signals: process });
    }),
  );

const pins = program
  .command('pins')
  .description('compare the tools of MCP servers with what was approved of them, and approve them');
for (const [name, description] of [
  ['diff', 'say which tools are not as they were approved'],
  ['approve', 'approve the tools as they are now'],
] as const) {
  pins
    .command(name)
    .description(description)
    .requiredOption('--servers <file>', 'file of MCP servers, like .mcp.json')
    .option('--server <name>', 'one server (default: all whose entry has "pin")')
    .option('--tool <name>', 'one tool (default: all)')
    .option('--lock <file>', 'file with what was approved (default: gatechart.lock in the working directory)')
    .action(
      finish(async (command: PinsCommand) => {
        const { approvePins, diffPins } = await import('./pins.js');
        return name === 'diff' ? diffPins(command, io) : approvePins(command, io);
      }),
    );
}

program
  .command('explain')
  .description('say what an agent may use, and which rule decides')
  .requiredOption('--agent <name>', 'whose rules')
  .option('--server <name>', 'one server; all of them if left out')
  .option('--tool <name>', 'one tool of the server')
  .option('--rules <file>', 'JSON file (default: GATEWAY_RULES, or as the gateway looks for it)')
  .option(
    '--servers <file>',
    'JSON file (default: GATEWAY_MCP_CONFIG, or as the gateway looks for it, if there is one)',
  )
  .option('--strict', 'keys that are not known are errors')
  .option('--json', 'print JSON')
  .action(finish(async (options: ExplainCommand) => (await import('./explain.js')).explain(options, io)));

program
  .command('top')
  .description('show on a terminal what an inspected process does')
  .requiredOption('--url <url>', 'address that the process has printed, its token included')
  .option('--once', 'print one snapshot, and end; without a terminal that is all there is')
  .option('--json', 'print one snapshot as JSON, and end')
  .action(
    finish(async (command: TopCommand) => {
      const { topOnProcess } = await import('./top/top-on-process.js');
      return topOnProcess(command, process);
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}

async function openBrowser(address: string): Promise<void> {
  const child = await (await import('open')).default(address);
  child.on('error', (error) => io.stderr.write(`No browser: ${error.message}\n`));
}

/** The options of a command whose work can be looked into, while it runs and afterwards. */
function inspectable(command: Command): Command {
  return command
    .option('--inspect [port]', 'let a browser on this machine look into it (default port: 4983)')
    .option('--inspect-control', 'let whoever looks retry and close connections, change plugins, and reload')
    .option('--inspect-payloads', 'show payloads, and not only what became of them')
    .option('--record <file>', 'write down what happens, for gatechart replay')
    .option('--record-size <megabytes>', 'put the file aside as <file>.1 when it is larger (default: 64)')
    .option('--record-payloads', 'record texts as they are, and not as fingerprints');
}

/** A command's exit code becomes the program's; a user's mistake is a message, not a stack trace. */
function finish<Arguments extends unknown[]>(
  command: (...args: Arguments) => Promise<number>,
): (...args: Arguments) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await command(...args);
    } catch (error) {
      if (!isGatechartError(error)) throw error;
      io.stderr.write(`${error.message}\n`);
      process.exitCode = 2;
    }
  };
}
