import { modalityOf } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { fewestHolders } from '../../shared/study/robust-holders.ts';
import type { RobustSpec, Study } from '../../shared/study/study.ts';
import type { ReviewFindings } from './review-findings.ts';
import { noiseWords } from './review-noise.ts';

const MOST_DIFFERENCES = 100;

/** A review for the person who decides. @param explained the study in plain words. */
export function reviewText(explained: string, findings: ReviewFindings): string {
  return [
    explained,
    ...section('Who answers for it', [signatureWords(findings)]),
    ...section('What would leave this site', egressWords(findings)),
    ...section('Privacy, in this release', privacyWords(findings)),
    ...section('What the data here lacks', lackWords(findings)),
    ...section('Against the version that was approved last', differenceWords(findings)),
    ...section('What the policy refuses', refusalWords(findings)),
    '',
    ...verdict(findings),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', title, ...lines.map((line) => `  ${line}`)];
}

function signatureWords({ signedBy, isChecked }: ReviewFindings): string {
  if (signedBy === undefined) return 'nobody: a study file without a signature';
  if (isChecked) return `${signedBy}, whose signature and key are in order by the roster`;
  return `${signedBy}, as the file says; the signature was not checked, since this site holds no roster`;
}

function egressWords({ blocks, facts, mapped }: ReviewFindings): readonly string[] {
  const { study } = facts;
  const sent = blocks.filter(({ id }) => {
    const modality = modalityOf(id);
    return modality === undefined || mapped === undefined || mapped.includes(modality);
  });
  const perRound = 4 * sent.reduce((sum, { parameters }) => sum + parameters, 0);
  const { rounds } = study.training;
  const { every, minCell } = study.evaluation;
  const widest = Math.max(...blocks.map(({ id }) => id.length), 'each round, at most'.length);
  const line = (name: string, bytes: number) => `${name.padEnd(widest)}  ${String(bytes).padStart(12)} bytes`;
  return [
    ...sent.map(({ id, parameters }) => line(id, 4 * parameters)),
    line('each round, at most', perRound),
    line(`in ${plural(rounds, 'round')}, at most`, perRound * rounds),
    ...(mapped === undefined
      ? ['counted as if every modality were held here: site.yaml has no mapping of it']
      : []),
    'before round 1: training patients in all, per modality and per class or event; per feature the count, the sum and the sum of squares',
    minCell > 1
      ? `no count of 1 to ${minCell - 1} patients`
      : 'COUNTS OF SINGLE PATIENTS may leave: the study has evaluation.minCell 1',
    `no modality held for fewer than ${plural(study.merge.minPatients, 'patient')}`,
    `every ${every === 1 ? 'round' : `${every} rounds`} and at the end: sums of scores and counts that tell ${metricWords(study)}`,
    'the approval: the hash of the study, the digest of the policy, the day until which it holds',
  ];
}

function metricWords({ task }: Study): string {
  switch (task.kind) {
    case 'regression':
      return 'rmse, mae and r2';
    case 'survival':
      return 'the concordance of risks';
    default:
      return 'auroc, auprc, brier, calibration and what follows from them';
  }
}

function privacyWords({ facts: { study }, noise }: ReviewFindings): readonly string[] {
  return [...maskingWords(study), ...noiseWords(noise, study)];
}

/** What the coordinator can read of this site by itself, and what only in a sum (`secure-aggregation.md` §4). */
function maskingWords({ privacy, merge }: Study): readonly string[] {
  if (!privacy.secureAggregation) {
    return [
      'secure aggregation: off in this study. The coordinator reads each update of this site by itself, with its weight and its loss, and each sum of its evaluations.',
    ];
  }
  return [
    `secure aggregation: on. Of counts, updates and evaluations the coordinator reads sums over at least ${plural(merge.minHolders, 'site')}, and over no fewer than cohort.kMin of the policy; not what this site put into them: no count, delta, weight, loss or score.`,
    'It sees which modalities this site holds, and sizes and times. What a sum tells of those in it, masks do not hide.',
    'A coordinator that has fewer than a third of the sites on its side learns the sum of the others, and no more.',
    ...medianWords(merge.robust),
  ];
}

function medianWords(robust: RobustSpec): readonly string[] {
  if (robust.kind !== 'geometric-median') return [];
  const { iterations } = robust;
  return [
    `Each round's update is summed ${iterations} times, by weights that the sum before tells, over the same at least ${plural(fewestHolders(robust), 'site')} or not at all: ${iterations} times the traffic and time of one sum, ${iterations} sums of the same updates for the coordinator to read, and no further charge to a privacy budget.`,
  ];
}

function lackWords({ mapped, lacking }: ReviewFindings): readonly string[] {
  if (lacking.length > 0) return lacking;
  if (mapped === undefined) return ['not known: site.yaml has no entry for this study under studies'];
  return ['nothing by the mapping; consilium site check-data reads the data itself'];
}

function differenceWords({ difference }: ReviewFindings): readonly string[] {
  if (difference === undefined) return ['no other version was approved here'];
  const { hash, settings } = difference;
  const lines = settings.map(
    ({ path, before = 'nothing', after = 'nothing' }) => `${path}: ${before} -> ${after}`,
  );
  const more = lines.length - MOST_DIFFERENCES;
  return [
    `sha256:${hash}`,
    ...lines.slice(0, MOST_DIFFERENCES),
    ...(more > 0 ? [`and ${plural(more, 'more setting')}`] : []),
  ];
}

function refusalWords({ refusals }: ReviewFindings): readonly string[] {
  if (refusals.length === 0) return ['nothing'];
  return refusals.map(({ field, expected, found }) => `${field}: expected ${expected}, got ${found}`);
}

function verdict({ refusals, facts, schedule }: ReviewFindings): readonly string[] {
  const hours = schedule === undefined ? [] : [`training waits for the hours of the policy (${schedule})`];
  if (refusals.length > 0) return [...hours, 'The policy does not allow this study at this site.'];
  return [...hours, `To allow it: consilium site approve sha256:${facts.hash} --until DATE`];
}
