/** A call of the tool that says what it is told, and what it has to say. */
export interface Question {
  readonly params: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };
  readonly expected: string;
}

let asked = 0;

/** Another one each time, so that nobody can answer from what came before. */
export function nextQuestion(tool = 'echo'): Question {
  const expected = `hello, for the time number ${++asked}`;
  return { params: { name: tool, arguments: { message: expected } }, expected };
}

/** The same through `execute_tool`, which gateways have that show a few tools for all. */
export function nextErrand(): Question {
  const { params, expected } = nextQuestion();
  const errand = { agent_id: 'bench', server: 'end', tool: params.name, args: params.arguments };
  return { params: { name: 'execute_tool', arguments: errand }, expected };
}

/** Nothing counts that was not really done. */
export function checkAnswer(result: unknown, { expected }: Question): void {
  const { content } = result as { content?: { text?: unknown }[] };
  const text = content?.[0]?.text;
  // The reference gateway wraps the answer in JSON.
  if (text === expected || (typeof text === 'string' && text.includes(JSON.stringify(expected)))) return;
  throw new Error(`a wrong answer: expected ${JSON.stringify(expected)}, found ${JSON.stringify(result)}`);
}
