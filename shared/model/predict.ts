import { type Tensor, tf } from '../compute/tf.ts';
import { ConsiliumError } from '../core/errors.ts';
import { encoderBlock, JOINT_BLOCK, type ModalityId, SITE_BLOCK } from '../core/ids.ts';
import { plural } from '../core/plural.ts';
import type { Modality } from '../study/study.ts';
import { tensorValues } from '../tensor/block.ts';
import { type Bundle, bundleModalities } from './bundle.ts';
import { scoresOf } from './heads/scores.ts';
import { encodeModality, measuredShape } from './inputs.ts';
import { buildNetwork } from './network.ts';
import type { ModalityInput, NetworkBatch } from './network-port.ts';

/**
 * One patient's measured values by modality, as a cohort holds them (nothing standardized): tabular [features], numeric
 * as measured, categorical as level index, NaN where missing; image [height, width, channels]; signal [samples,
 * channels]; text [tokens] hash buckets, 0 is padding; embedding [width]. Several images, recordings or notes, up to the
 * modality's `instances`, one after the other.
 */
export type PatientValues = ReadonlyMap<ModalityId, Float32Array | Int32Array>;

export interface Prediction {
  /** Probability of class 1 (binary), of each class or label, the log-risk, or the value in its own unit. */
  readonly scores: readonly number[];
  /** The modalities that the prediction rests on, in the study's order. */
  readonly used: readonly ModalityId[];
  /**
   * What each used modality says alone. `share` is t_m / (t_0 + sum over used of t) and `contribution` share · l_m, both
   * of fusion `evidence` only: the contributions, R and the site's bias add up to the logits.
   */
  readonly evidence: readonly {
    readonly modality: ModalityId;
    readonly logits: readonly number[];
    readonly share?: number;
    readonly contribution?: readonly number[];
  }[];
}

const PATIENTS_AT_ONCE = 128;

/**
 * Predicts for patients with any non-empty subset of the bundle's modalities. The compute backend has been chosen by
 * the caller; the same inputs give the same bits on it. Leaves no tensor.
 * @param options.siteBias b_k [K] of the place where the patients are, for instance {@link biasOfPrevalence}; 0 unless
 * given. Ignored by models without one.
 * @throws ConsiliumError `EMPTY_PATTERN` for a patient without any, `DATA_INVALID` for values that do not fit; both name
 * the patient by its row, counted from 1.
 */
export function predict(
  bundle: Bundle,
  patients: readonly PatientValues[],
  options: { readonly siteBias?: readonly number[] } = {},
): Prediction[] {
  const modalities = bundleModalities(bundle);
  patients.forEach((patient, i) => {
    checkPatient(bundle, modalities, patient, i + 1);
  });
  const predictions: Prediction[] = [];
  for (let at = 0; at < patients.length; at += PATIENTS_AT_ONCE) {
    predictions.push(
      ...predictBatch(bundle, modalities, patients.slice(at, at + PATIENTS_AT_ONCE), options.siteBias),
    );
  }
  return predictions;
}

/** b_k for a place where `shares` of patients have each class or label: their log-odds, for a binary task one of each. */
export function biasOfPrevalence(shares: readonly number[]): number[] {
  return shares.map((share) => Math.log(share / (1 - share)));
}

function checkPatient(
  bundle: Bundle,
  modalities: readonly ModalityId[],
  patient: PatientValues,
  row: number,
): void {
  const unknown = [...patient.keys()].find((id) => !modalities.includes(id));
  if (unknown !== undefined) {
    throw new ConsiliumError(
      'DATA_INVALID',
      `patient ${row}: expected modalities among ${modalities.join(', ')}, got ${unknown}`,
    );
  }
  if (patient.size === 0) {
    throw new ConsiliumError(
      'EMPTY_PATTERN',
      `patient ${row}: expected at least one of ${modalities.join(', ')}, got none`,
    );
  }
  for (const modality of bundle.study.modalities) {
    const values = patient.get(modality.id);
    if (values !== undefined) checkValues(modality, values, `patient ${row}, ${modality.id}`);
  }
}

function checkValues(modality: Modality, values: Float32Array | Int32Array, where: string): void {
  const width = measuredShape(modality).reduce((product, length) => product * length, 1);
  const most = 'instances' in modality ? modality.instances : 1;
  const rows = values.length / width;
  if (!(Number.isInteger(rows) && rows >= 1 && rows <= most)) {
    const each = most === 1 ? '' : ` for each of 1 to ${most}`;
    throw new ConsiliumError(
      'DATA_INVALID',
      `${where}: expected ${plural(width, 'value')}${each}, got ${values.length}`,
    );
  }
  values.forEach((value, i) => {
    if (!isAllowed(modality, value, i)) {
      throw new ConsiliumError(
        'DATA_INVALID',
        `${where}: expected a finite number in its range at position ${i + 1}`,
      );
    }
  });
}

function isAllowed(modality: Modality, value: number, index: number): boolean {
  if (modality.kind === 'text') return Number.isInteger(value) && value >= 0 && value < modality.buckets;
  if (modality.kind !== 'tabular') return Number.isFinite(value);
  if (Number.isNaN(value)) return true;
  const feature = modality.features[index];
  if (feature?.kind !== 'categorical') return Number.isFinite(value);
  return Number.isInteger(value) && value >= 0 && value < feature.levels.length;
}

function predictBatch(
  bundle: Bundle,
  modalities: readonly ModalityId[],
  patients: readonly PatientValues[],
  siteBias: readonly number[] | undefined,
): Prediction[] {
  const network = buildNetwork(bundle.study, modalities);
  const { outputs } = network;
  if (siteBias !== undefined && siteBias.length !== outputs) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `site bias: expected ${outputs} numbers, got ${siteBias.length}`,
    );
  }
  const batch = batchOf(bundle, modalities, patients);
  const alone = new Map<ModalityId, Float32Array>();
  let logits = new Float32Array();
  tf.tidy(() => {
    const weights = new Map(
      bundle.blocks.map((block) => [
        block.layout.id,
        block.layout.tensors.map(
          (spec): Tensor => tf.tensor(tensorValues(block, spec).slice(), [...spec.shape]),
        ),
      ]),
    );
    if (network.layouts.has(SITE_BLOCK)) {
      weights.set(SITE_BLOCK, [tf.tensor1d([...(siteBias ?? new Array<number>(outputs).fill(0))])]);
    }
    const encoded = network.encode(weights, batch);
    const masks = new Map(
      [...batch.inputs].map(([id, { positions }]) => [id, maskOf(positions, batch.size)]),
    );
    logits = Float32Array.from(network.fuse(weights, encoded, masks).dataSync());
    for (const [id, evidence] of encoded.evidence) alone.set(id, Float32Array.from(evidence.dataSync()));
  });

  const scores = inUnits(bundle, scoresOf(bundle.study.task, logits, patients.length));
  return patients.map((patient, i) => {
    const used = modalities.filter((id) => patient.has(id));
    const row = (values: ArrayLike<number>) =>
      Array.from({ length: outputs }, (_, k) => values[i * outputs + k] as number);
    const shares = sharesOf(bundle, used);
    const evidence = used.map((modality, m) => {
      const own = row(alone.get(modality) as Float32Array);
      if (shares === undefined) return { modality, logits: own };
      const share = shares[m] as number;
      return { modality, logits: own, share, contribution: own.map((logit) => share * logit) };
    });
    return { scores: row(scores), used, evidence };
  });
}

/** The patients' values, encoded. */
function batchOf(
  bundle: Bundle,
  modalities: readonly ModalityId[],
  patients: readonly PatientValues[],
): NetworkBatch {
  const inputs = new Map<ModalityId, ModalityInput>();
  for (const modality of bundle.study.modalities) {
    if (!modalities.includes(modality.id)) continue;
    const held = patients.map((patient) => patient.get(modality.id));
    const shape = measuredShape(modality);
    const width = shape.reduce((product, axis) => product * axis, 1);
    const positions = Int32Array.from(
      held.flatMap((values, i) => new Array<number>((values?.length ?? 0) / width).fill(i)),
    );
    if (positions.length === 0) continue;
    const size = positions.length * width;
    const packed = modality.kind === 'text' ? new Int32Array(size) : new Float32Array(size);
    let at = 0;
    for (const values of held) {
      if (values === undefined) continue;
      packed.set(values, at);
      at += values.length;
    }
    const row = Int32Array.from(positions.keys());
    const scale = bundle.normalization.features.get(modality.id);
    const { values } = encodeModality(modality, { row, itemShape: shape, values: packed }, scale);
    inputs.set(modality.id, { positions, values });
  }
  return { size: patients.length, inputs };
}

function maskOf(positions: Int32Array, size: number): Float32Array {
  const mask = new Float32Array(size);
  for (const position of positions) mask[position] = 1;
  return mask;
}

/** t_m / (t_0 + sum of t over `used`); undefined unless the fusion weighs evidence. */
function sharesOf(bundle: Bundle, used: readonly ModalityId[]): readonly number[] | undefined {
  if (bundle.study.model.fusion !== 'evidence') return undefined;
  const precision = (id: string, name: string) => {
    const block = bundle.blocks.find((candidate) => candidate.layout.id === id);
    const spec = block?.layout.tensors.find((tensor) => tensor.name === name);
    const raw =
      block === undefined || spec === undefined ? Number.NaN : (tensorValues(block, spec)[0] as number);
    return Math.max(raw, 0) + Math.log1p(Math.exp(-Math.abs(raw)));
  };
  const precisions = used.map((id) => precision(encoderBlock(id), 'precision'));
  const total = precisions.reduce((sum, t) => sum + t, precision(JOINT_BLOCK, 'prior-precision'));
  return precisions.map((t) => t / total);
}

function inUnits(bundle: Bundle, scores: Float64Array): Float64Array {
  const { target } = bundle.normalization;
  if (bundle.study.task.kind !== 'regression' || target === undefined) return scores;
  return scores.map((score) => score * target.deviation + target.mean);
}
