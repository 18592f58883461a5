import { type Sample, sample } from '../score.js';
import { generatedSamples } from './generated.js';
import { sentences } from './sentences.js';

/** All that the detectors of personal data are measured with. */
export const piiCorpus: readonly Sample[] = [...generatedSamples(), ...sentences].map(sample);
