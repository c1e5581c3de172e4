import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import { encoderBlock } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { readBundle } from '../../shared/model/bundle-file.ts';
import { encoderWeights } from '../../shared/model/encoder-weights.ts';
import type { ModelExportOptions } from './options.ts';

/**
 * Writes the encoder of one modality as a safetensors file, and says how another study names it.
 * @throws ConsiliumError `BAD_ARGUMENT` where the file exists (a study may name it by its hash) and as
 * `encoderWeights`; `FILE_UNREADABLE` where it cannot be written; as `readBundle`.
 */
export function modelExport(options: ModelExportOptions, _io: CommandIo): CommandResult {
  const bundle = readBundle(options.bundle);
  const { modality, bytes } = encoderWeights(bundle, options.modality);
  const { file } = options;
  try {
    writeFileSync(file, bytes, { flag: 'wx' });
  } catch (cause) {
    const found = fileProblem(cause, 'write there');
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    if (!isTaken)
      throw new ConsiliumError('FILE_UNREADABLE', `${file}: expected a place to write, got ${found}`, {
        cause,
      });
    throw new ConsiliumError('BAD_ARGUMENT', `${file}: expected no such file, got ${found}`, {
      cause,
      hint: 'Give another path with --safetensors: a study may name the file that is there.',
    });
  }
  const hash = sha256(bytes);
  const entry = { file: basename(file), sha256: hash };
  return {
    text: [
      `wrote ${file}, the encoder of ${modality}`,
      'next: put it beside another study file, which names it so:',
      `model: { pretrained: { "${encoderBlock(modality)}": { file: ${JSON.stringify(entry.file)}, sha256: ${hash} } } }`,
    ].join('\n'),
    data: { modality, file, sha256: hash },
  };
}
