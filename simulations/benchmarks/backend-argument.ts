import { parseArgs } from 'node:util';
import type { BackendName } from '../../shared/compute/backend.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';

const NAMES: readonly BackendName[] = ['native', 'wasm', 'cpu'];

/**
 * The backend that a benchmark is asked for by `--backend`, `wasm` unless said.
 * @throws ConsiliumError `BAD_ARGUMENT` for one that there is not.
 */
export function backendArgument(): BackendName {
  const { values } = parseArgs({ options: { backend: { type: 'string', default: 'wasm' } } });
  const known = NAMES.find((name) => name === values.backend);
  if (known === undefined)
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `--backend: expected ${NAMES.join(', ')}, got ${values.backend}`,
    );
  return known;
}
