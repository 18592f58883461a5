import type { ListKind } from '../../downstream/server-set-api.js';
import type { OfferProblem } from './offered-names.js';
import { quoted } from './quoted-text.js';

const things: Readonly<Record<ListKind, string>> = {
  tools: 'tool',
  prompts: 'prompt',
  resources: 'resource',
  resourceTemplates: 'resource template',
};

/** A problem in a sentence, for stderr. What servers say stands in it as JSON of ASCII characters, and cut. */
export function describeOfferProblem(kind: ListKind, problem: OfferProblem): string {
  const thing = things[kind];
  switch (problem.kind) {
    case 'collision': {
      const listed = problem.listed.map(({ server, original }) => `${quoted(original)} of server ${quoted(server)}`);
      return `${thing} ${quoted(problem.name)} is not offered, because it would be more than one: ${listed.join(', ')}`;
    }
    case 'unfit':
      return `${thing} ${quoted(problem.name)} of server ${quoted(problem.server)} is not offered: ${problem.reason}`;
    case 'long':
      return (
        `${thing} ${quoted(problem.name)} of server ${quoted(problem.server)} has a name of ${problem.length} characters, ` +
        'and some clients take 64 at most; a short "alias" in the entry of the server helps'
      );
  }
}
