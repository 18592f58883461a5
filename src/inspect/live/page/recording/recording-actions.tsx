import { shellWord } from '../invocations/copy-forms.js';
import { CopyAs } from '../parts/copy-as.js';
import { count } from '../parts/time-format.js';
import { usePage } from '../shell/page-context.js';
import type { OpenRecording } from './use-recording.js';

/** What can be taken along of a recording, up to where it stands. */
export function RecordingActions({ recording: { facts, seq, last, step } }: { readonly recording: OpenRecording }) {
  const { requests, say } = usePage();
  const until = seq === 0 ? last : seq;
  const test = () => requests.text(`/test?seq=${until}`);
  const save = async () => {
    try {
      const file = `${facts.file.replace(/^.*[\\/]/, '').replace(/\.jsonl$/, '')}.test.ts`;
      saveFile(file, await test());
      say(`${file} replays the recording to event ${count(until)}.`);
    } catch (error) {
      say(`The test could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <>
      <CopyAs
        forms={[
          { name: 'link', hint: 'to this event', text: () => location.href },
          { name: 'test', hint: 'for vitest', text: test },
          { name: 'JSON', hint: 'this event', text: () => `${JSON.stringify(step ?? facts, undefined, 2)}\n` },
          {
            name: 'command',
            hint: 'replay to here',
            text: () => `npx gatechart replay ${shellWord(facts.file)} --to ${until}`,
          },
        ]}
      />
      <button type="button" class="button" onClick={() => void save()}>
        Write a test
      </button>
    </>
  );
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
