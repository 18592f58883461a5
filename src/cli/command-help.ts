import type { Command } from 'commander';

/** What the help of a command says beside its options. */
interface CommandHelp {
  /** Command lines, without `gatechart`. */
  readonly examples: readonly string[];
  /** What each exit code means. */
  readonly exits: Readonly<Record<number, string>>;
}

const stopped = { 0: 'stopped as asked', 1: 'could not start', 2: 'wrong command line, settings or files' };

const helps: Readonly<Record<string, CommandHelp>> = {
  'check-config': {
    examples: [
      'check-config plugins.yaml',
      'check-config --load --strict plugins.yaml',
      'check-config --json plugins/*.yaml',
      'check-config - < plugins.yaml',
    ],
    exits: { 0: 'all files can be used', 1: 'one cannot', 2: 'one cannot be read, or a wrong command line' },
  },
  invoke: {
    examples: [
      'invoke -c plugins.yaml --hook tool_pre_invoke --payload payload.json',
      'invoke -c plugins.yaml --hook tool_post_invoke --payload answer.json --context context.json',
    ],
    exits: { 0: 'the request may go on', 1: 'a plugin blocked it', 2: 'it could not be run' },
  },
  'plugin-server': {
    examples: [
      'plugin-server -c plugins.yaml',
      'plugin-server -c plugins.yaml --transport http --port 8000',
      'plugin-server -c plugins.yaml --transport unix --path /run/plugins.sock',
    ],
    exits: stopped,
  },
  serve: {
    examples: [
      'serve',
      'serve --servers .mcp.json --rules .mcp-gateway-rules.json --plugins gatechart.plugins.yaml',
      'serve --transport http --port 8000 --inspect',
    ],
    exits: stopped,
  },
  init: {
    examples: ['init', 'init gateway', 'init --plugin my-guard'],
    exits: { 0: 'something was written', 1: 'all of it was there', 2: 'wrong command line, or cannot be written' },
  },
  login: {
    examples: ['login tracker', 'login tracker --servers .mcp.json --no-browser'],
    exits: { 0: 'logged in', 1: 'not logged in', 2: 'there is nothing to log in at, or a wrong command line' },
  },
  logout: {
    examples: ['logout tracker'],
    exits: { 0: 'there is no login any more', 2: 'there is no such server, or a wrong command line' },
  },
  pins: {
    examples: ['pins diff --servers .mcp.json', 'pins approve --servers .mcp.json --server tracker'],
    exits: { 0: 'done', 2: 'wrong command line' },
  },
  'pins diff': {
    examples: ['pins diff --servers .mcp.json', 'pins diff --servers .mcp.json --server tracker'],
    exits: { 0: 'all is as approved', 1: 'something is not', 2: 'that cannot be told, or a wrong command line' },
  },
  'pins approve': {
    examples: ['pins approve --servers .mcp.json', 'pins approve --servers .mcp.json --server tracker --tool search'],
    exits: { 0: 'approved', 2: 'some server could not be asked, or a wrong command line' },
  },
  explain: {
    examples: ['explain --agent editor', 'explain --agent editor --server files --tool write_file --json'],
    exits: { 0: 'allowed; without --server: some server is', 1: 'denied', 2: 'wrong command line or files' },
  },
  schema: {
    examples: ['schema plugins > plugins.schema.json', 'schema servers'],
    exits: { 0: 'printed', 2: 'there is no such schema' },
  },
  simulate: {
    examples: ['simulate -c plugins.yaml --servers .mcp.json --rules rules.json', 'simulate --seeds 20 --json'],
    exits: { 0: 'every promise was kept', 1: 'one was not', 2: 'wrong command line or files' },
  },
  inspect: {
    examples: ["inspect 'http://127.0.0.1:4983/#…'", 'inspect run.jsonl'],
    exits: { 0: 'opened; of a recording: stopped as asked', 2: 'wrong command line or recording' },
  },
  charts: {
    examples: ['charts > charts.md', 'charts --machine connection --format svg > connection.svg'],
    exits: { 0: 'printed', 2: 'wrong command line' },
  },
  replay: {
    examples: ['replay run.jsonl', 'replay run.jsonl --to-test incident.test.ts'],
    exits: { 0: 'the machines did as recorded', 1: 'one departed from it', 2: 'wrong command line or recording' },
  },
  top: {
    examples: ["top --url 'http://127.0.0.1:4983/#…'", 'top --once --json'],
    exits: {
      0: 'quit, or the process has ended as it should',
      1: 'it cannot be heard',
      2: 'wrong command line',
      130: 'ended by SIGINT',
      143: 'ended by SIGTERM',
    },
  },
};

/** Adds examples, exit codes and `--version` to every command. */
export function explainCommands(program: Command, version: string): void {
  for (const command of commandsIn(program)) {
    const name = nameOf(command);
    const help = helps[name];
    if (help === undefined) throw new Error(`src/cli/command-help.ts has no examples of ${name}`);
    const examples = help.examples.map((line) => `  gatechart ${line}\n`).join('');
    const exits = Object.entries(help.exits).map(([code, meaning]) => `  ${code}  ${meaning}\n`);
    command.version(version).addHelpText('after', `\nExamples:\n${examples}\nExit codes:\n${exits.join('')}`.trimEnd());
  }
}

function commandsIn(program: Command): Command[] {
  return program.commands.flatMap((command) => [command, ...commandsIn(command)]);
}

/** `pins diff`, as it is typed. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}
