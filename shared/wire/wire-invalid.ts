import { ConsiliumError } from '../core/errors.ts';

/**
 * The refusal of bytes, or of a value, that do not fit the contract.
 * @param where message and field: `Declaration.patients`.
 * @param problem `expected X, got Y`. Never a value of a delta or of a patient.
 */
export function wireInvalid(where: string, problem: string, options?: ErrorOptions): ConsiliumError {
  return new ConsiliumError('WIRE_INVALID', `${where}: ${problem}`, {
    ...options,
    hint: 'Compare the versions of site and coordinator; a proxy that ends TLS may also change bytes.',
  });
}
