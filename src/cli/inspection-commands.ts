import type { Command } from 'commander';
import { openBrowser } from './browser.js';
import type { CommandIo } from './command-io.js';
import type { Finish } from './exit-code.js';
import type { InspectCommand } from './inspect.js';
import type { ReplayCommand } from './replay.js';
import type { TopCommand } from './top/top-command.js';

/** The options of a command whose work can be looked into, while it runs and afterwards. */
export function inspectable(command: Command): Command {
  return command
    .option('--inspect [port]', 'let a browser on this machine look into it (default port: 4983)')
    .option('--inspect-control', 'let whoever looks retry and close connections, change plugins, and reload')
    .option('--inspect-payloads', 'show payloads, and not only what became of them')
    .option('--record <file>', 'write down what happens, for gatechart replay')
    .option('--record-size <megabytes>', 'put the file aside as <file>.1 when it is larger (default: 64)')
    .option('--record-payloads', 'record texts as they are, and not as fingerprints');
}

/** The commands that look into what runs, at what was recorded, and at the machines. */
export function addInspectionCommands(program: Command, finish: Finish, io: CommandIo): void {
  program
    .command('inspect')
    .description('look into what runs with --inspect, or at a recording')
    .argument('<what>', 'the address that the process has printed, or the file of a recording')
    .option('--port <port>', 'port to serve a recording on (default: 4983)')
    .option('--no-browser', 'open no browser')
    .action(
      finish(async (what: string, options: InspectCommand) => {
        const { inspect } = await import('./inspect.js');
        return inspect(what, options, { ...io, signals: process, open: (address) => openBrowser(address, io) });
      }),
    );

  program
    .command('charts')
    .description('print the machines as charts')
    .option('--machine <id>', 'one machine; all of them if left out')
    .option(
      '--format <format>',
      'mermaid (in Markdown, a fenced diagram each), json, stately (code for its import form) or svg',
      'mermaid',
    )
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

  program
    .command('top')
    .description('show on a terminal what an inspected process does')
    .option(
      '--url <url>',
      'address that the process has printed, its token included (default: GATECHART_INSPECT_URL, which other users cannot read)',
    )
    .option('--once', 'print one snapshot, and end; without a terminal that is all there is')
    .option('--json', 'print one snapshot as JSON, and end')
    .action(
      finish(async (command: TopCommand) => {
        const { topOnProcess } = await import('./top/top-on-process.js');
        return topOnProcess(command, process);
      }),
    );
}
