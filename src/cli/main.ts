#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../package-version.js';
import { openBrowser } from './browser.js';
import type { CheckOptions } from './check-config.js';
import { explainCommands } from './command-help.js';
import type { CommandIo } from './command-io.js';
import { finishIn } from './exit-code.js';
import { refuseGivenTwice } from './given-once.js';
import type { ExplainCommand } from './explain.js';
import { addInspectionCommands, inspectable } from './inspection-commands.js';
import type { InvokeCommand } from './invoke.js';
import type { LoginCommand } from './login.js';
import { watchOutputs } from './output-errors.js';
import type { PinsCommand } from './pins.js';
import type { PluginServerCommand } from './plugin-server.js';
import { endWithRunner } from './runner-watch.js';
import { addSchemaCommand } from './schema.js';
import type { ServeCommand } from './serve-options.js';
import type { SimulateCommand } from './simulate.js';

const io: CommandIo = { stdout: process.stdout, stderr: process.stderr, env: process.env };
const finish = finishIn(io);

watchOutputs(process, io);
endWithRunner(process);

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
  .description('say what is wrong with plugin configurations, all of it at once')
  .argument('[files...]', 'YAML files; - is standard input')
  .option('-c, --config <file>', 'one more YAML file')
  .option('--strict', 'plugins that never run, changes that are lost and variables that are not set are errors')
  .option('--load', 'load the modules of the plugins and construct these, to see whether they can be used; starts none')
  .option('--json', 'print JSON')
  .action(
    finish(async (files: string[], options: CheckOptions, command: Command) => {
      if (files.length === 0 && options.config === undefined) command.error("error: missing required argument 'file'");
      const code = await (await import('./check-config.js')).checkConfig(files, io, options);
      // What a module has begun when it was loaded must not keep what is over.
      if (options.load === true) setTimeout(() => process.exit(code), lingerMs).unref();
      return code;
    }),
  );

inspectable(
  program
    .command('invoke')
    .description('run one hook over a payload and print the result')
    .requiredOption('-c, --config <file>', 'YAML file')
    .requiredOption('--hook <name>', 'hook, like tool_pre_invoke')
    .requiredOption('--payload <file>', 'JSON file with the payload')
    .option('--context <file>', 'JSON file with the context'),
).action(
  finish(async (options: InvokeCommand) =>
    (await import('./invoke.js')).invokeOnce(options, { ...io, signals: process }),
  ),
);

inspectable(
  program
    .command('plugin-server')
    .description('serve the plugins of a configuration until told to stop')
    .option('-c, --config <file>', 'YAML file (default: PLUGINS_CONFIG_PATH, or ./resources/plugins/config.yaml)')
    .option(
      '--transport <transport>',
      'stdio, http, grpc or unix (default: stdio, unless standard input is a terminal)',
    )
    .option('--host <host>', 'address to listen on')
    .option('--port <port>', 'port to listen on')
    .option('--uds <path>', 'Unix socket to listen on with http or grpc, instead of host and port')
    .option('--path <path>', 'socket to listen on with --transport unix'),
).action(
  finish(async (options: PluginServerCommand) => {
    const { runPluginServer } = await import('./plugin-server.js');
    const { stdin, stdout, stderr, env } = process;
    const code = await runPluginServer(options, { stdin, stdout, stderr, env, signals: process });
    // A timer that some plugin left behind must not keep a server that was told to stop.
    setTimeout(() => process.exit(code), lingerMs).unref();
    return code;
  }),
);

inspectable(
  program
    .command('serve')
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
    .option(
      '--face <face>',
      'on-demand: a few tools stand for all; transparent: all that all servers offer',
      'on-demand',
    )
    .option(
      '--prefix <when>',
      'server names before those of tools: auto, always or never; for --face transparent',
      'auto',
    )
    .option('--agent <name>', 'the agent that every call is made for')
    .option('--strict', 'what is not known in servers and rules is an error, and one bad server stops all')
    .option('--envelope <form>', 'content, or reference: answers of execute_tool in one text', 'content')
    .option('--debug', 'offer get_gateway_status (GATEWAY_DEBUG)'),
)
  .option('--init', 'write the files into ~/.config/agent-mcp-gateway, and end')
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
  .description('write the files of a gateway, a plugin and its test, which work as they are; what is there is kept')
  .argument('[folder]', 'where to write them', '.')
  .option('--plugin', 'write a package with a plugin of your own instead, ready for npm pack')
  .action(
    finish(async (folder: string, { plugin }: { readonly plugin?: boolean }) => {
      const { initFolder, initPackage } = await import('./init.js');
      return plugin === true ? initPackage(folder, io) : initFolder(folder, io);
    }),
  );

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
      return (await import('./login.js')).login(server, options, {
        stdout,
        stderr,
        env,
        open: (address) => openBrowser(address, io),
      });
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
  .command('simulate')
  .description('let a gateway with these files happen in a made-up world, and see whether every promise is kept')
  .option('-c, --config <file>', 'YAML file with plugins, which really run (default: made up)')
  .option('--servers <file>', 'servers file; scripted servers stand in for the servers (default: made up)')
  .option('--rules <file>', 'rules file (default: made up where nothing is given, else none)')
  .option('--face <face>', 'on-demand or transparent')
  .option('--seed <number>', 'of the first world (default: 1)')
  .option('--seeds <number>', 'how many worlds (default: 1)')
  .option('--steps <number>', 'steps of each world (default: 100000)')
  .option('--acts <numbers>', 'only these acts of the seed, as a failure names them: 3,7,9-12')
  .option('--record <file>', 'record the shortest failing sequence, for `gatechart inspect` and `gatechart replay`')
  .option('--json', 'print JSON')
  .action(
    finish(async (command: SimulateCommand) => {
      const code = await (await import('./simulate.js')).simulateCommand(command, io);
      // A timer that some plugin left behind must not keep what is over.
      setTimeout(() => process.exit(code), lingerMs).unref();
      return code;
    }),
  );

addSchemaCommand(program, finish, io);
addInspectionCommands(program, finish, io);
explainCommands(program, packageVersion);
refuseGivenTwice(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
