import type { SeededRandom } from '../../shared/core/random.ts';

/** The disease state of one generated patient, which no hospital sees. */
export interface DemoLatents {
  /** 1: ill. */
  readonly disease: 0 | 1;
  /** How far the metabolism is off; labs see it. */
  readonly severity: number;
  /** Damage of small vessels; the image sees it. */
  readonly vascular: number;
  /** Conduction; the waveform sees it. */
  readonly electrical: number;
  /** What each modality shows of it: facet plus noise. All that can be learned from the modality is in this number. */
  readonly seen: {
    readonly image: number;
    readonly labs: number;
    readonly note: number;
    readonly waveform: number;
  };
  readonly ageYears: number;
  /** 0 female, 1 male. */
  readonly sex: 0 | 1;
}

/** Ill patients have every facet higher by this, in standard deviations: one facet alone, seen without noise, separates with AUC .83. */
const SHIFT = 1.35;
/** Standard deviation of what the modality adds to its facet. */
const SEEN_SIGMA = { image: 0.4, labs: 0.4, note: 1.5, waveform: 0.4 };

/**
 * Given the disease the facets are independent standard normals around 0 (well) or {@link SHIFT} (ill), so each
 * modality alone is weak evidence and all together are strong. The note is about everything, vaguely.
 */
export function drawPatient(random: SeededRandom, prevalence: number): DemoLatents {
  const disease = random.uniform() < prevalence ? 1 : 0;
  const facet = () => SHIFT * disease + random.normal();
  const [severity, vascular, electrical] = [facet(), facet(), facet()];
  const complaint = (severity + vascular + electrical) / Math.sqrt(3);
  return {
    disease,
    severity,
    vascular,
    electrical,
    seen: {
      image: vascular + SEEN_SIGMA.image * random.normal(),
      labs: severity + SEEN_SIGMA.labs * random.normal(),
      note: complaint + SEEN_SIGMA.note * random.normal(),
      waveform: electrical + SEEN_SIGMA.waveform * random.normal(),
    },
    // Older when ill, by 5 years in the mean.
    ageYears: Math.round(Math.min(92, Math.max(24, 56 + 5 * disease + 13 * random.normal()))),
    sex: random.uniform() < 0.5 ? 0 : 1,
  };
}
