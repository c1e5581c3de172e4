import type { ContentHash, ModalityId } from '../../shared/core/ids.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import type { Bundle } from '../../shared/model/bundle.ts';
import { scaledWidth } from '../../shared/model/inputs.ts';
import type { PatientValues } from '../../shared/model/predict.ts';
import { MODALITIES, type StudyOptions, studyOf } from './fixtures.ts';

const { labs, vector, note, fundus } = MODALITIES;

/** An untrained model with its card. */
export function bundleOf(options: Partial<StudyOptions> = {}): Bundle {
  const study = studyOf({ modalities: [labs, vector, note, fundus], model: { siteBias: true }, ...options });
  const scaled = study.modalities.flatMap((modality) => {
    const width = scaledWidth(modality);
    if (width === undefined) return [];
    return [
      [
        modality.id,
        { mean: new Float64Array(width).fill(0.5), deviation: new Float64Array(width).fill(2) },
      ] as const,
    ];
  });
  return {
    study,
    studyHash: 'a'.repeat(64) as ContentHash,
    studySource: 'study: test\n',
    normalization: { features: new Map(scaled), target: { mean: 10, deviation: 3 } },
    blocks: initialBlocks(study).filter((block) => block.layout.id !== 'site'),
    card: {
      title: 'Test',
      createdAt: '2026-01-01T00:00:00Z',
      producedBy: 'consilium 0.1.0',
      data: 'generated',
      sites: [{ id: 'north', trainPatients: 80, modalities: ['labs'] }],
      round: 3,
      metrics: [{ name: 'auroc', modalities: ['labs'], patients: 20, value: 0.8 }],
      intendedUse: 'research',
      limits: ['not a medical device'],
    },
  };
}

/** Has everything; one of the labs is missing. */
export const PATIENT: PatientValues = new Map<ModalityId, Float32Array | Int32Array>([
  [labs.id, Float32Array.of(1, Number.NaN, 2)],
  [vector.id, Float32Array.of(1, 2, 3, 4, 5)],
  [note.id, Int32Array.of(3, 4, 0, 0, 0, 0)],
  [fundus.id, new Float32Array(72).fill(0.5)],
]);
