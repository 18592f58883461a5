import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RecordingFacts, StepMessage, StepsMessage, UntilMessage } from '../../feed/feed-recording.js';
import type { FeedEvent } from '../../feed/feed-states.js';
import { useFrame, usePage } from '../shell/page-context.js';
import { type Playing, play, playedTime, playedTo, seek } from './cursor.js';
import { seqAtTime } from './moment-search.js';
import { stepAt } from './step-answers.js';
import { StepWindow } from './step-window.js';
import { type TapeRange, tapeRange } from './tape.js';
import { neverText, type UntilChoice, untilPath } from './until-conditions.js';
import { useCursor } from './use-cursor.js';

/** A recording that is looked at: where its cursor stands, and what moves it. */
export interface OpenRecording {
  readonly facts: RecordingFacts;
  readonly range: TapeRange;
  /** Number of the event it stands at; 0: before the first one. */
  readonly seq: number;
  /** Number of the last event. */
  readonly last: number;
  /** The event it stands at, as soon as it is read. */
  readonly event: FeedEvent | undefined;
  /** Everything as it was then; the one before, as long as it is asked for. */
  readonly step: StepMessage | undefined;
  readonly playing: Playing | undefined;
  readonly speed: number;
  /** What time it is in the recording, also between two events while it plays. */
  readonly timeNow: () => number;
  readonly to: (seq: number) => void;
  readonly by: (events: number) => void;
  readonly toTime: (t: number) => void;
  readonly until: (choice: UntilChoice) => void;
  readonly togglePlaying: () => void;
  readonly setSpeed: (speed: number) => void;
  readonly around: (before: number, after: number) => readonly FeedEvent[];
}

/** Milliseconds between two steps while it plays: a browser lets an address change only so often. */
const playEveryMs = 100;

export function useRecording(facts: RecordingFacts): OpenRecording {
  const { requests, say } = usePage();
  const cursor = useCursor();
  const { seq } = cursor;
  const [, redraw] = useState(0);
  const last = facts.events;
  const [step, setStep] = useState<StepMessage | undefined>(undefined);
  const [playing, setPlaying] = useState<Playing | undefined>(undefined);
  const [speed, setSpeed] = useState(1);
  const range = useMemo(() => tapeRange(facts), [facts]);
  const window = useMemo(
    () =>
      new StepWindow(
        async (from, count) => (await requests.get<StepsMessage>(`/steps?from=${from}&count=${count}`)).events,
      ),
    [requests, facts],
  );
  const next = async (from: number) => (await requests.get<StepsMessage>(`/steps?from=${from}&count=1`)).events[0];
  const report = (error: unknown) => say(error instanceof Error ? error.message : String(error));

  useEffect(() => {
    let isWanted = true;
    const reading = window.read(seq).then(() => {
      if (!isWanted) return;
      redraw((times) => times + 1);
      // Where nothing was recorded it goes to what came before.
      const present = window.at(seq)?.s ?? 0;
      if (present !== seq && cursor.seq === seq) cursor.to(present);
    });
    reading.catch(report);
    const asking = seq === 0 || seq > last ? Promise.resolve(undefined) : stepAt(requests, seq);
    asking.then(
      (answer) => isWanted && setStep(answer),
      (error: unknown) => reading.then(() => isWanted && window.at(seq)?.s === seq && report(error), report),
    );
    return () => {
      isWanted = false;
    };
  }, [window, requests, seq]);

  const event = window.at(seq);
  const timeAt = event?.t ?? (seq === 0 ? range.from : (step?.t ?? range.from));
  const to = (wanted: number) => {
    setPlaying(undefined);
    cursor.to(seek(wanted, last).seq);
  };
  const lastPlayed = useRef(0);
  useFrame(() => {
    const at = performance.now();
    if (playing === undefined || at - lastPlayed.current < playEveryMs) return;
    lastPlayed.current = at;
    const reached = playedTo({ seq: cursor.seq, playing }, at, window.around(cursor.seq, 0, 400));
    if (reached > cursor.seq) cursor.to(reached);
    if (reached >= last) setPlaying(undefined);
  });
  const start = (faster: number) => setPlaying(play({ seq, playing }, timeNow(), faster, performance.now()).playing);
  const timeNow = () => (playing === undefined ? timeAt : Math.min(range.to, playedTime(playing, performance.now())));
  return {
    facts,
    range,
    seq,
    last,
    event,
    step: seq === 0 ? undefined : step,
    playing,
    speed,
    timeNow,
    to,
    by: (events) => {
      setPlaying(undefined);
      cursor.by(events, window).catch(report);
    },
    toTime: (t) => void seqAtTime(t, last, next).then(to, report),
    until: (choice) =>
      void requests
        .get<UntilMessage>(untilPath(choice.until, seq))
        .then((answer) => (answer.seq === undefined ? say(neverText(choice, seq)) : to(answer.seq)), report),
    togglePlaying: () => (playing === undefined ? start(speed) : setPlaying(undefined)),
    setSpeed: (faster) => {
      setSpeed(faster);
      if (playing !== undefined) start(faster);
    },
    around: (before, after) => window.around(seq, before, after),
  };
}
